package audit

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/id"
)

// RecordTx writes entries in the caller's transaction, so that an effect and its line commit together or not at all: a
// line that cannot be written is an error that the caller returns from its own transaction.
func (j *Journal) RecordTx(ctx context.Context, tx *db.Tx, entries ...Entry) error {
	at := j.now()
	lines := make([]recorded, 0, len(entries))
	for _, e := range entries {
		b, err := newBody(e, at)
		if err != nil {
			return err
		}
		lines = append(lines, recorded{leaf{id: id.New(), hash: b.hash()}, b})
	}
	if err := insertLines(ctx, tx, lines); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// recorded is an entry on its way into the journal.
type recorded struct {
	leaf
	body
}

// body is the content of an entry as it is stored and hashed.
type body struct {
	salt                                        []byte
	at                                          int64
	actor, action, objectKind, objectID, detail string
	subjects                                    []Object // sorted, each once
}

func newBody(e Entry, at time.Time) (body, error) {
	detail, err := json.Marshal(e.Detail) // map keys come out sorted
	if err != nil {
		return body{}, err
	}
	subjects, err := sortedSubjects(e)
	if err != nil {
		return body{}, err
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	return body{
		salt: salt, at: db.Micros(at), actor: string(e.Actor), action: e.Action, objectKind: e.Object.Kind, objectID: e.Object.ID,
		detail: string(detail), subjects: subjects,
	}, nil
}

// sortedSubjects returns the subjects of an entry in their one order, the object itself left out: it is found anyway.
func sortedSubjects(e Entry) ([]Object, error) {
	if len(e.Subjects) == 0 {
		return nil, nil
	}
	out := make([]Object, 0, len(e.Subjects))
	for _, o := range e.Subjects {
		switch {
		case o.Kind == "" || o.ID == "":
			return nil, fmt.Errorf("journal: a subject of %s lacks its kind or its id", e.Action)
		case o != e.Object:
			out = append(out, o)
		}
	}
	return slices.Compact(inOrder(out)), nil
}

// inOrder sorts subjects, in place, as the hash takes them.
func inOrder(subjects []Object) []Object {
	slices.SortFunc(subjects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return subjects
}

// hash is SHA-256 over every field, each preceded by its length, so that no two bodies share an encoding: seven fields,
// and two more for each subject. The salt keeps short bodies from being guessed from their leaf once they are erased.
func (b body) hash() []byte {
	buf := make([]byte, 0, 512)
	field := func(s string) {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(b.at))
	for _, s := range []string{string(b.salt), string(at[:]), b.actor, b.action, b.objectKind, b.objectID, b.detail} {
		field(s)
	}
	for _, o := range b.subjects {
		field(o.Kind)
		field(o.ID)
	}
	sum := sha256.Sum256(buf)
	return sum[:]
}

// record is what the tree holds of a leaf: its id and its hash.
func record(leafID string, hash []byte) []byte {
	out := make([]byte, 0, len(leafID)+2*len(hash)+2)
	out = append(append(out, leafID...), ' ')
	return append(hex.AppendEncode(out, hash), '\n')
}
