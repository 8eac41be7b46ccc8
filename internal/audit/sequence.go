package audit

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// batchSize bounds one sequencing transaction, so that other writers never wait long behind it.
const batchSize = 500

// sequenceEvery is how often the sequencer looks; architecture asks for at most five seconds behind.
const sequenceEvery = 2 * time.Second

// Run sequences until ctx ends. Any number of nodes may run it.
func (j *Journal) Run(ctx context.Context) {
	tick := time.NewTicker(sequenceEvery)
	defer tick.Stop()
	for {
		if _, err := j.Sequence(ctx); err != nil && ctx.Err() == nil {
			j.log.Error("journal not sequenced", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Sequence places every pending leaf, in batches, and signs a head after each batch. It returns how many it placed.
func (j *Journal) Sequence(ctx context.Context) (int, error) {
	if j.signer.Signer == nil {
		return 0, fmt.Errorf("journal: no signing key")
	}
	total := 0
	for {
		n, err := j.sequenceBatch(ctx)
		total += n
		if err != nil || n < batchSize {
			return total, err
		}
		if err := db.Pause(ctx); err != nil {
			return total, err
		}
	}
}

func (j *Journal) sequenceBatch(ctx context.Context) (int, error) {
	// An idle journal costs one read and no write.
	if n, err := countPending(ctx, j.db); err != nil || n == 0 {
		return 0, err
	}
	placed := 0
	err := j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touchTree(ctx, tx); err != nil {
			return err
		}
		leaves, err := pendingLeaves(ctx, tx, batchSize)
		if err != nil {
			return err
		}
		placed = len(leaves)
		if placed == 0 {
			return nil
		}
		return j.appendTx(ctx, tx, leaves)
	})
	return placed, err
}

// appendTx grows the tree by leaves and signs its new head.
func (j *Journal) appendTx(ctx context.Context, tx *db.Tx, leaves []leaf) error {
	size, err := treeSize(ctx, tx)
	if err != nil {
		return err
	}
	hashes := &storedHashes{ctx: ctx, q: tx, start: tlog.StoredHashCount(size)}
	for i, l := range leaves {
		grown, err := tlog.StoredHashes(size+int64(i), record(l.id, l.hash), hashes)
		if err != nil {
			return err
		}
		hashes.fresh = append(hashes.fresh, grown...)
	}
	if err := placeLeaves(ctx, tx, size, leaves); err != nil {
		return err
	}
	if err := hashes.insert(ctx, tx); err != nil {
		return err
	}
	size += int64(len(leaves))
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return err
	}
	text := string(tlog.FormatTree(tlog.Tree{N: size, Hash: root}))
	link, err := j.linkTx(ctx, tx)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: text + link}, j.signer)
	if err != nil {
		return err
	}
	return insertHead(ctx, tx, size, db.Micros(j.now()), string(signed))
}

// linkTx is the line by which a new head vouches for the last one. One that this key did not sign is vouched for by
// none, so that Verify finds it.
func (j *Journal) linkTx(ctx context.Context, tx *db.Tx) (string, error) {
	last, err := lastHead(ctx, tx)
	if fault.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	_, forged := note.Open([]byte(last.Note), note.VerifierList(j.signer.Verifier))
	if forged != nil {
		j.log.Error("the last head of the journal is not signed by its key", "size", last.Size)
		return "", nil //nolint:nilerr // the journal goes on, and Verify says so
	}
	return linkTo(last.Size, last.Note), nil
}
