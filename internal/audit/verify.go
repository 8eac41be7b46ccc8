package audit

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

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
	TailCut      Tampering = "tail_cut"      // a signed head knows leaves that are no longer there
	Rewritten    Tampering = "rewritten"     // all holds together, but not with a head signed or kept before
)

// Tamperings lists every way.
func Tamperings() []Tampering {
	return []Tampering{
		BodyChanged, BodyGone, LeafGone, LeafChanged, LeafAdded, PositionGone, OrderChanged, HashChanged, HeadForged, TailCut, Rewritten,
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

// ReadHead returns a signed head that somebody kept, whatever mail made of its line ends, and reports an error when it
// was not signed with this journal's key.
func (j *Journal) ReadHead(text string) (string, error) {
	if j.signer.Verifier == nil {
		return "", ErrNoKey
	}
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) + "\n"
	if _, err := note.Open([]byte(text), note.VerifierList(j.signer.Verifier)); err != nil {
		return "", fmt.Errorf("signed head: %w", err)
	}
	return text, nil
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

// leaves walks the order: one goroutine reads it while another checks what was read, which is where the time goes. The
// reader alone asks the database, and is stopped between two rows: breaking a question off would cost the connection,
// and the snapshot with it.
func (v *verifier) leaves(ctx context.Context) error {
	stretches := make(chan []placed, 2)
	g, stopped := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(stretches)
		return eachStretch(ctx, v.q, func(s []placed) error {
			select {
			case stretches <- s:
				return nil
			case <-stopped.Done():
				return stopped.Err()
			}
		})
	})
	g.Go(func() error {
		for s := range stretches {
			for i := range s {
				if err := v.leaf(&s[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return g.Wait()
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
	lines, err := pendingLines(ctx, v.q)
	if err != nil {
		return err
	}
	for i := range lines {
		if lines[i].position >= 0 {
			return bad(LeafAdded, "audit_pending", lines[i].leaf.id, "the leaf has a position and still waits for one")
		}
		if err := lines[i].check(); err != nil {
			return err
		}
	}
	v.rep.Pending = int64(len(lines))
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

// heads checks the signatures and remembers which root each size must have.
func (v *verifier) heads(ctx context.Context, known []string) error {
	heads, err := headsToCheck(ctx, v.q)
	if err != nil {
		return err
	}
	v.rep.Heads = int64(len(heads))
	for i, k := range known {
		heads = append(heads, namedHead{name: fmt.Sprintf("known head %d", i+1), note: k, size: -1})
	}
	trees := make([]tlog.Tree, len(heads))
	err = inParallel(len(heads), func(i int) (err error) {
		trees[i], err = v.journal.openHead(heads[i])
		return err
	})
	if err != nil {
		return err
	}
	for i, t := range trees {
		if root, ok := v.roots[t.N]; ok && root != t.Hash {
			return bad(Rewritten, "audit_head", heads[i].name, "two signed heads of size %d differ", t.N)
		}
		v.roots[t.N] = t.Hash
	}
	return nil
}

// namedHead is a head to check: a stored one, or one that somebody kept, of no promised size (-1).
type namedHead struct {
	name string
	size int64
	note string
}

// openHead checks the signature of a head and reads it.
func (j *Journal) openHead(h namedHead) (tlog.Tree, error) {
	n, err := note.Open([]byte(h.note), note.VerifierList(j.signer.Verifier))
	if err != nil {
		return tlog.Tree{}, bad(HeadForged, "audit_head", h.name, "the signature does not hold: %v", err)
	}
	t, err := tlog.ParseTree([]byte(n.Text))
	switch {
	case err != nil:
		return t, bad(HeadForged, "audit_head", h.name, "not a tree head: %v", err)
	case h.size >= 0 && h.size != t.N:
		return t, bad(HeadForged, "audit_head", h.name, "the signed text speaks of another size, %d", t.N)
	}
	return t, nil
}

// inParallel runs check for each of n things, on every core, and returns the error of the first thing, in order, that
// has one.
func inParallel(n int, check func(i int) error) error {
	parts := runtime.GOMAXPROCS(0)
	errs := make([]error, parts)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := p * n / parts; i < (p+1)*n/parts && errs[p] == nil; i++ {
				errs[p] = check(i)
			}
		})
	}
	wg.Wait()
	return cmp.Or(errs...)
}
