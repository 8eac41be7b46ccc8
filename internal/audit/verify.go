package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
)

// Report is what Verify found. The journal is whole when Bad is nil.
type Report struct {
	Leaves  int64 // with a position
	Erased  int64 // of which the body was erased by retention
	Heads   int64 // signed heads checked
	Pending int64 // leaves without a position yet
	Bad     *Bad
}

// Tampering is a way in which a journal does not hold.
type Tampering string

// The ways.
const (
	BodyChanged  Tampering = "body_changed"  // a body, or whom it concerns, is not what was recorded
	BodyGone     Tampering = "body_gone"     // a body is gone and no erasure says why
	LeafGone     Tampering = "leaf_gone"     // a leaf is gone that has its place in the order
	LeafChanged  Tampering = "leaf_changed"  // a leaf is not the one that was signed, its body rewritten with it
	LeafAdded    Tampering = "leaf_added"    // a leaf stands outside the order and is not waiting for its place
	PositionGone Tampering = "position_gone" // the order has a hole
	OrderChanged Tampering = "order_changed" // a leaf stands at another place than it was signed at
	HashChanged  Tampering = "hash_changed"  // a stored hash of the tree is not that of the signed leaves, or is gone
	HeadForged   Tampering = "head_forged"   // a head was not signed by this journal's key, or was altered
	HeadGone     Tampering = "head_gone"     // a head is gone that a later one was signed after
	TailCut      Tampering = "tail_cut"      // a signed head knows leaves that are no longer there
	Rewritten    Tampering = "rewritten"     // all holds together, but not with a head signed or kept before
)

// Tamperings lists every way.
func Tamperings() []Tampering {
	return []Tampering{
		BodyChanged, BodyGone, LeafGone, LeafChanged, LeafAdded, PositionGone, OrderChanged, HashChanged, HeadForged, HeadGone, TailCut, Rewritten,
	}
}

// Bad is the first row that does not hold.
type Bad struct {
	Kind   Tampering
	Table  string
	ID     string // the row's key
	Reason string // in English, for the log of an incident
}

func (b *Bad) Error() string { return fmt.Sprintf("%s %s: %s", b.Table, b.ID, b.Reason) }

func bad(kind Tampering, table string, id any, reason string, args ...any) error {
	return &Bad{Kind: kind, Table: table, ID: fmt.Sprint(id), Reason: fmt.Sprintf(reason, args...)}
}

// Verify checks the whole journal on one unchanging state of the database: every leaf has its place without a hole,
// every body matches its leaf or has an erasure, the tree's hashes are those of the leaves, and every signed head
// (and known, heads that somebody kept, as ReadHead returns them) is the head of this very journal. An error means it
// could not be checked; a journal that does not hold is a Report with Bad.
func (j *Journal) Verify(ctx context.Context, known ...string) (Report, error) {
	var rep Report
	if j.signer.Verifier == nil {
		return rep, ErrNoKey
	}
	err := j.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		v := &verifier{journal: j, q: q, rep: &rep, roots: map[int64]tlog.Hash{}, grown: sha256.New()}
		return v.run(ctx, known)
	})
	var b *Bad
	if errors.As(err, &b) {
		rep.Bad = b
		return rep, nil
	}
	return rep, err
}

// ErrNoKey says that signatures cannot be checked: the journal's key was not given.
var ErrNoKey = errors.New("journal: no key")

// ReadHead returns a signed head that somebody kept, whatever mail made of its line ends and wrote around it, and reports
// an error when it was not signed with this journal's key.
func (j *Journal) ReadHead(text string) (string, error) {
	if j.signer.Verifier == nil {
		return "", ErrNoKey
	}
	text = cutHead(strings.ReplaceAll(text, "\r\n", "\n"))
	if _, err := note.Open([]byte(text), note.VerifierList(j.signer.Verifier)); err != nil {
		return "", fmt.Errorf("signed head: %w", err)
	}
	return text, nil
}

// cutHead takes a signed head out of a text: from the line that every tree head begins with to the last signature.
func cutHead(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	if first := slices.Index(lines, headWord); first > 0 {
		lines = lines[first:]
	}
	for len(lines) > 1 && !strings.HasPrefix(lines[len(lines)-1], "— ") {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n") + "\n"
}

type verifier struct {
	journal *Journal
	q       db.Querier
	rep     *Report
	roots   map[int64]tlog.Hash // signed root by size, not met yet
	tree    tree                // as recomputed so far
	grown   hash.Hash           // over every hash of the tree, in the order in which they are stored
	holds   int64               // size of the last head whose root is that of the leaves
	fails   int64               // size of the first head whose root is not; 0 when there is none
}

func (v *verifier) run(ctx context.Context, known []string) error {
	if err := v.heads(ctx, known); err != nil {
		return err
	}
	err := v.leaves(ctx)
	if err == nil {
		err = v.hashes(ctx)
	}
	if errors.Is(err, errUnlike) {
		return v.locate(ctx)
	}
	if err != nil {
		return err
	}
	return v.strays(ctx)
}

// errUnlike says that the leaves do not make the tree that was signed or the one that is stored; locate finds where.
var errUnlike = errors.New("journal: unlike tree")

// leaves walks the order and checks each leaf. Reading takes nearly all the time, checking one part in twenty: there is
// nothing to win by doing it aside.
func (v *verifier) leaves(ctx context.Context) error {
	return eachPlaced(ctx, v.q, sequencedLines, v.leaf)
}

// leaf checks a leaf and lets the tree grow by it.
func (v *verifier) leaf(l *placed) error {
	if l.position != v.tree.size {
		return bad(PositionGone, "audit_sequence", v.tree.size, "the position is missing")
	}
	if err := l.check(); err != nil {
		return err
	}
	if l.erased {
		v.rep.Erased++
	}
	for _, h := range v.tree.grow(tlog.RecordHash(l.record())) {
		v.grown.Write(h[:])
	}
	v.rep.Leaves = v.tree.size
	if want, ok := v.roots[v.tree.size]; ok {
		if v.tree.root() != want {
			v.fails = v.tree.size
			return errUnlike
		}
		v.holds = v.tree.size
		delete(v.roots, v.tree.size)
	}
	return nil
}

// hashes sees that no head speaks of leaves that are gone and that the stored hashes are those of the leaves.
func (v *verifier) hashes(ctx context.Context) error {
	if len(v.roots) > 0 { // signed, and no longer there
		size := slices.Min(slices.Collect(maps.Keys(v.roots)))
		return bad(TailCut, "audit_head", size, "a signed head knows %d leaves, the journal has %d", size, v.rep.Leaves)
	}
	stored, next := sha256.New(), int64(0)
	err := eachHash(ctx, v.q, func(h storedHash) error {
		if h.index != next {
			return bad(HashChanged, "audit_hash", next, "the stored hash is missing")
		}
		if len(h.hash) != tlog.HashSize { // what is compared is all of them in a row
			return bad(HashChanged, "audit_hash", next, "the stored hash has %d bytes", len(h.hash))
		}
		stored.Write(h.hash)
		next++
		return nil
	})
	switch count := tlog.StoredHashCount(v.tree.size); {
	case err != nil:
		return err
	case next < count:
		return bad(HashChanged, "audit_hash", next, "the stored hash is missing")
	case next > count:
		return bad(HashChanged, "audit_hash", count, "the stored hash is that of no leaf")
	case !bytes.Equal(stored.Sum(nil), v.grown.Sum(nil)):
		return errUnlike
	}
	return nil
}

// strays checks the leaves without a position: each must be pending and have its body.
func (v *verifier) strays(ctx context.Context) error {
	err := eachPlaced(ctx, v.q, pendingLines, func(l *placed) error {
		if l.position >= 0 {
			return bad(LeafAdded, "audit_pending", l.leaf.id, "the leaf has a position and still waits for one")
		}
		v.rep.Pending++
		return l.check()
	})
	if err != nil {
		return err
	}
	all, err := countLeaves(ctx, v.q)
	if err != nil || all == v.rep.Leaves+v.rep.Pending {
		return err
	}
	stray, err := strayLeaf(ctx, v.q)
	if err != nil {
		return err
	}
	return bad(LeafAdded, "audit_leaf", stray, "the leaf has no position and is not waiting for one")
}

// heads checks the signed heads and remembers which root each size must have.
func (v *verifier) heads(ctx context.Context, known []string) error {
	heads, err := headsToCheck(ctx, v.q)
	if err != nil {
		return err
	}
	v.rep.Heads = int64(len(heads))
	if err := v.chain(heads); err != nil {
		return err
	}
	for i, k := range known {
		h := namedHead{name: fmt.Sprintf("known head %d", i+1), note: k, size: -1}
		if _, err := v.open(h); err != nil {
			return err
		}
	}
	return nil
}

// chain goes from the newest head down. A head that the one after it vouches for needs no signature of its own: the one
// that was checked covers it. Without a link, as in the first heads of an older journal, each signature is checked.
func (v *verifier) chain(heads []namedHead) error {
	link := ""
	for i := len(heads) - 1; i >= 0; i-- {
		text, err := v.linked(heads[i], link)
		if err != nil {
			return err
		}
		link = linkOf(text)
	}
	if link != "" {
		return unlinked(namedHead{size: -1}, link)
	}
	return nil
}

// linked checks a head by the link of the one after it, "" when there is none, and returns its text.
func (v *verifier) linked(h namedHead, link string) (string, error) {
	switch link {
	case "":
		return v.open(h)
	case linkTo(h.size, h.note):
		text, _, _ := strings.Cut(h.note, "\n\n") // before the signatures
		return text + "\n", v.want(h, text+"\n")
	}
	return "", unlinked(h, link)
}

// unlinked names the head that is not the one that the head after it vouches for.
func unlinked(h namedHead, link string) error {
	var size int64
	if _, err := fmt.Sscanf(link, linkWord+"%d ", &size); err != nil || size == h.size {
		return bad(HeadForged, "audit_head", h.name, "it is not the head that the next one was signed after")
	}
	if h.size > size {
		return bad(HeadForged, "audit_head", h.name, "the next head was signed after the head of size %d", size)
	}
	return bad(HeadGone, "audit_head", size, "the next head was signed after it and it is gone")
}

// namedHead is a head to check: a stored one, or one that somebody kept, of no promised size (-1).
type namedHead struct {
	name string
	size int64
	note string
}

// open checks the signature of a head, reads it and returns its text.
func (v *verifier) open(h namedHead) (string, error) {
	n, err := note.Open([]byte(h.note), note.VerifierList(v.journal.signer.Verifier))
	if err != nil {
		return "", bad(HeadForged, "audit_head", h.name, "the signature does not hold: %v", err)
	}
	return n.Text, v.want(h, n.Text)
}

// want remembers the root that a signed text tells.
func (v *verifier) want(h namedHead, text string) error {
	t, err := tlog.ParseTree([]byte(text))
	switch {
	case err != nil:
		return bad(HeadForged, "audit_head", h.name, "not a tree head: %v", err)
	case h.size >= 0 && h.size != t.N:
		return bad(HeadForged, "audit_head", h.name, "the signed text speaks of another size, %d", t.N)
	}
	if root, ok := v.roots[t.N]; ok && root != t.Hash {
		return bad(Rewritten, "audit_head", h.name, "two signed heads of size %d differ", t.N)
	}
	v.roots[t.N] = t.Hash
	return nil
}
