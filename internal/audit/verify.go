package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// Bad is the first row that does not hold.
type Bad struct {
	Table  string
	ID     string // the row's key
	Reason string // in English, for the log of an incident
}

func (b *Bad) Error() string { return fmt.Sprintf("%s %s: %s", b.Table, b.ID, b.Reason) }

func bad(table string, id any, reason string, args ...any) error {
	return &Bad{Table: table, ID: fmt.Sprint(id), Reason: fmt.Sprintf(reason, args...)}
}

// Verify checks the whole journal on one unchanging state of the database: every leaf has its place without a hole,
// every body matches its leaf or has an erasure, the tree's hashes are those of the leaves, and every signed head
// (and known, heads that somebody kept, as ReadHead returns them) is the head of this very journal. An error means it could not be
// checked; a journal that does not hold is a Report with Bad.
func (j *Journal) Verify(ctx context.Context, known ...string) (Report, error) {
	var rep Report
	if j.signer.Verifier == nil {
		return rep, ErrNoKey
	}
	err := j.db.Snapshot(ctx, func(ctx context.Context, q db.Querier) error {
		v := &verifier{journal: j, q: q, rep: &rep, roots: map[int64]tlog.Hash{}}
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
	hashes  []tlog.Hash         // recomputed stored hashes of the whole tree
	roots   map[int64]tlog.Hash // signed root by size, wanted
}

func (v *verifier) run(ctx context.Context, known []string) error {
	if err := v.heads(ctx, known); err != nil {
		return err
	}
	if err := v.leaves(ctx); err != nil {
		return err
	}
	if err := v.tree(ctx); err != nil {
		return err
	}
	return v.strays(ctx)
}

// heads checks the signatures and remembers which root each size must have.
func (v *verifier) heads(ctx context.Context, known []string) error {
	check := func(name any, signed string) error {
		n, err := note.Open([]byte(signed), note.VerifierList(v.journal.signer.Verifier))
		if err != nil {
			return bad("audit_head", name, "the signature does not hold: %v", err)
		}
		tree, err := tlog.ParseTree([]byte(n.Text))
		if err != nil {
			return bad("audit_head", name, "not a tree head: %v", err)
		}
		if root, ok := v.roots[tree.N]; ok && root != tree.Hash {
			return bad("audit_head", name, "two signed heads of size %d differ: the journal was rewritten", tree.N)
		}
		v.roots[tree.N] = tree.Hash
		return nil
	}
	err := db.Each(ctx, v.q, scanHead, func(h Head) error {
		v.rep.Heads++
		if err := check(h.Size, h.Note); err != nil {
			return err
		}
		if _, ok := v.roots[h.Size]; !ok {
			return bad("audit_head", h.Size, "the signed text speaks of another size")
		}
		return nil
	}, `SELECT size, at, note FROM audit_head ORDER BY size`)
	if err != nil {
		return err
	}
	for i, k := range known {
		if err := check(fmt.Sprintf("known head %d", i+1), k); err != nil {
			return err
		}
	}
	return nil
}

// placed is a leaf with all that hangs on it.
type placed struct {
	position int64
	leafID   string
	hash     []byte
	body     body
	hasBody  bool
	erased   bool
}

func scanPlaced(r db.Row) (placed, error) {
	var p placed
	var hash, salt []byte
	var at *int64
	var actor, action, kind, object, detail, erasure *string
	if err := r.Scan(&p.position, &p.leafID, &hash, &salt, &at, &actor, &action, &kind, &object, &detail, &erasure); err != nil {
		return p, err
	}
	p.hash, p.erased = hash, erasure != nil
	if at != nil {
		p.hasBody = true
		p.body = body{salt: salt, at: *at, actor: *actor, action: *action, objectKind: *kind, objectID: *object, detail: *detail}
	}
	return p, nil
}

const joined = ` LEFT JOIN audit_leaf l ON l.id = s.leaf_id LEFT JOIN audit_body b ON b.leaf_id = s.leaf_id
	LEFT JOIN audit_erasure e ON e.leaf_id = s.leaf_id`

const joinedCols = `l.hash, b.salt, b.at, b.actor, b.action, b.object_kind, b.object_id, b.detail, e.leaf_id`

func (p placed) check() error {
	switch {
	case p.hash == nil:
		return bad("audit_leaf", p.leafID, "the leaf is gone")
	case p.hasBody && !bytes.Equal(p.body.hash(), p.hash):
		return bad("audit_body", p.leafID, "the body is not the one that was recorded")
	case !p.hasBody && !p.erased:
		return bad("audit_body", p.leafID, "the body is gone without an erasure")
	}
	return nil
}

// leaves walks the sequence in order, checks each leaf and body, and recomputes the tree.
func (v *verifier) leaves(ctx context.Context) error {
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		for _, i := range indexes {
			out = append(out, v.hashes[i])
		}
		return out, nil
	})
	return db.Each(ctx, v.q, scanPlaced, func(p placed) error {
		if p.position != v.rep.Leaves {
			return bad("audit_sequence", v.rep.Leaves, "the position is missing")
		}
		if err := p.check(); err != nil {
			return err
		}
		if p.erased {
			v.rep.Erased++
		}
		grown, err := tlog.StoredHashes(p.position, record(p.leafID, p.hash), reader)
		if err != nil {
			return err
		}
		v.hashes = append(v.hashes, grown...)
		v.rep.Leaves++
		return v.root(p.leafID, reader)
	}, `SELECT s.position, s.leaf_id, `+joinedCols+` FROM audit_sequence s`+joined+` ORDER BY s.position`)
}

// root compares the tree as recomputed so far with the head signed at this size, if there is one.
func (v *verifier) root(leafID string, reader tlog.HashReader) error {
	want, ok := v.roots[v.rep.Leaves]
	if !ok {
		return nil
	}
	got, err := tlog.TreeHash(v.rep.Leaves, reader)
	if err != nil {
		return err
	}
	if got != want {
		return bad("audit_leaf", leafID, "the leaves up to this one are not those signed in the head of size %d", v.rep.Leaves)
	}
	delete(v.roots, v.rep.Leaves)
	return nil
}

// tree compares the stored hashes with the recomputed ones and sees that no head speaks of leaves that are gone.
func (v *verifier) tree(ctx context.Context) error {
	type stored struct {
		position int64
		hash     []byte
	}
	next := int64(0)
	err := db.Each(ctx, v.q, func(r db.Row) (stored, error) {
		var s stored
		return s, r.Scan(&s.position, &s.hash)
	}, func(s stored) error {
		if s.position != next || next >= int64(len(v.hashes)) || !bytes.Equal(s.hash, v.hashes[next][:]) {
			return bad("audit_hash", next, "the stored hash is not that of the leaves")
		}
		next++
		return nil
	}, `SELECT position, hash FROM audit_hash ORDER BY position`)
	if err != nil {
		return err
	}
	if next != int64(len(v.hashes)) {
		return bad("audit_hash", next, "the stored hash is missing")
	}
	for size := range v.roots { // what is left over was signed but is no longer there
		return bad("audit_head", size, "a signed head knows %d leaves, the journal has %d", size, v.rep.Leaves)
	}
	return nil
}

// strays checks the leaves without a position: each must be pending and have its body.
func (v *verifier) strays(ctx context.Context) error {
	type stray struct {
		placed
		pending bool
	}
	return db.Each(ctx, v.q, func(r db.Row) (stray, error) {
		var pending *string
		p, err := scanPlaced(rowWith{r, &pending})
		return stray{p, pending != nil}, err
	}, func(s stray) error {
		if !s.pending {
			return bad("audit_leaf", s.leafID, "the leaf has no position and is not waiting for one")
		}
		v.rep.Pending++
		return s.check()
	}, `SELECT -1, s.id, `+joinedStray+` FROM audit_leaf s LEFT JOIN audit_sequence q ON q.leaf_id = s.id
		LEFT JOIN audit_body b ON b.leaf_id = s.id LEFT JOIN audit_erasure e ON e.leaf_id = s.id
		LEFT JOIN audit_pending p ON p.leaf_id = s.id WHERE q.leaf_id IS NULL ORDER BY s.id`)
}

const joinedStray = `s.hash, b.salt, b.at, b.actor, b.action, b.object_kind, b.object_id, b.detail, e.leaf_id, p.leaf_id`

// rowWith scans one more column at the end of a row.
type rowWith struct {
	db.Row
	extra any
}

func (r rowWith) Scan(dest ...any) error { return r.Row.Scan(append(dest, r.extra)...) }
