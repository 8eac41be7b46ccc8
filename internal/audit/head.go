package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Head is a signed statement that the journal held Size leaves.
type Head struct {
	Size     int64
	At       int64  // microseconds
	Note     string // the signed text, as anyone can keep and check it
	MailedAt int64  // microseconds: when it was sent to whoever keeps heads; 0 is never
}

// linkTo is the line by which a signed head vouches, byte for byte, for the head before it: with the newest signature, a
// chain of links proves every older head at the price of a hash. Programs that read tree heads pass over it.
func linkTo(size int64, signed string) string {
	return fmt.Sprintf("%s%d %x\n", linkWord, size, sha256.Sum256([]byte(signed)))
}

const linkWord = "previous head "

// headWord is the line that a signed tree head begins with (tlog.FormatTree).
const headWord = "go.sum database tree"

// linkOf is the link of a signed head's text, "" when it has none.
func linkOf(text string) string {
	if i := strings.Index(text, "\n"+linkWord); i >= 0 {
		return text[i+1:]
	}
	return ""
}

// HasHeads reports whether the journal was ever signed.
func HasHeads(ctx context.Context, q db.Querier) (bool, error) {
	n, err := db.One(ctx, q, db.Value[int64], `SELECT count(*) FROM (SELECT size FROM audit_head LIMIT 1) h`)
	return n > 0, err
}

// LastHead returns the newest signed head; fault.NotFound before the first.
func (j *Journal) LastHead(ctx context.Context) (Head, error) { return lastHead(ctx, j.db) }

// Heads returns the newest signed heads, newest first, at most limit: for a page that anyone may copy them from.
func (j *Journal) Heads(ctx context.Context, limit int) ([]Head, error) {
	return listHeads(ctx, j.db, `ORDER BY h.size DESC LIMIT $1`, limit)
}

// MailedHeads returns the heads that were sent, newest first, at most limit: what their keeper should hold.
func (j *Journal) MailedHeads(ctx context.Context, limit int) ([]Head, error) {
	return listHeads(ctx, j.db, `WHERE m.at IS NOT NULL ORDER BY h.size DESC LIMIT $1`, limit)
}

// HeadSender hands a signed head to whoever keeps heads out of the reach of this machine's owner, the data protection
// officer first. Messages are another module's: app plugs it in.
type HeadSender interface {
	// SendHeadTx makes sure, in the caller's transaction, that the head will be sent; it sends nothing itself, so that a
	// transaction that fails sends nothing.
	SendHeadTx(ctx context.Context, tx *db.Tx, h Head) error
}

// MailHead hands the newest head to the sender unless one was sent this day (UTC) or nothing was signed since, and
// remembers that it did, all in one transaction: any number of nodes may call it as often as they like. It reports
// whether a head was handed over.
func (j *Journal) MailHead(ctx context.Context, to HeadSender) (bool, error) {
	if due, err := j.mailDue(ctx, j.db); err != nil || !due { // an idle day costs reads alone
		return false, err
	}
	mailed := false
	err := j.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		mailed = false
		if err := touchTree(ctx, tx); err != nil {
			return err
		}
		due, err := j.mailDue(ctx, tx)
		if err != nil || !due {
			return err
		}
		head, err := lastHead(ctx, tx)
		if err != nil {
			return err
		}
		if err := insertMailed(ctx, tx, head.Size, db.Micros(j.now())); err != nil {
			return err
		}
		if err := to.SendHeadTx(ctx, tx, head); err != nil {
			return fmt.Errorf("send the head of size %d: %w", head.Size, err)
		}
		mailed = true
		return nil
	})
	return mailed && err == nil, err
}

// mailEvery is how often a node asks whether today's head is still to be sent: two reads.
const mailEvery = 30 * time.Minute

// MailHeads hands a head to the sender each day until ctx ends. Any number of nodes may run it.
func (j *Journal) MailHeads(ctx context.Context, to HeadSender) {
	tick := time.NewTicker(mailEvery)
	defer tick.Stop()
	for {
		if _, err := j.MailHead(ctx, to); err != nil && ctx.Err() == nil {
			j.log.Error("head of the journal not sent", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (j *Journal) mailDue(ctx context.Context, q db.Querier) (bool, error) {
	head, err := lastHead(ctx, q)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	last, err := lastMailed(ctx, q)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return err == nil && head.Size > last.size && day(db.Time(last.at)) < day(j.now()), err
}

// day is the civil day of an instant, in UTC, as a text that sorts.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }
