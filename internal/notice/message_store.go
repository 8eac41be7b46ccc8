package notice

import (
	"context"
	"encoding/json"

	"viaduc/internal/platform/db"
)

const messageCols = `id, event, event_key, recipient, channel, state, lang, email, phone, postal, contact_hash, stop_hash, texts, not_before,
	useful_until, failures, actor, created_at, ended_at, organisation`

func scanMessage(r db.Row) (message, error) {
	var m message
	var raw string
	var notBefore, usefulUntil, createdAt, endedAt int64
	err := r.Scan(&m.id, &m.event, &m.key, &m.recipient, &m.channel, &m.state, &m.lang, &m.contacts.email, &m.contacts.phone, &m.contacts.postal,
		&m.contactHash, &m.stopHash, &raw, &notBefore, &usefulUntil, &m.failures, &m.actor, &createdAt, &endedAt, &m.organisation)
	if err != nil {
		return message{}, err
	}
	m.notBefore, m.usefulUntil, m.createdAt, m.endedAt = db.TimeOrZero(notBefore), db.TimeOrZero(usefulUntil), db.TimeOrZero(createdAt), db.TimeOrZero(endedAt)
	if raw != "" {
		err = json.Unmarshal([]byte(raw), &m.texts)
	}
	return m, err
}

// insertMessage reports whether the row was new: the person may have been told by that channel already.
func insertMessage(ctx context.Context, tx *db.Tx, m message) (bool, error) {
	said, err := m.texts.marshal()
	if err != nil {
		return false, err
	}
	n, err := db.Exec(ctx, tx, `INSERT INTO notice_message (`+messageCols+`, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0)
		ON CONFLICT (event, event_key, recipient, channel) WHERE state <> 'cancelled' DO NOTHING`,
		m.id, m.event, m.key, m.recipient, m.channel, m.state, m.lang, m.contacts.email, m.contacts.phone, m.contacts.postal,
		m.contactHash, m.stopHash, said, db.MicrosOrZero(m.notBefore), db.MicrosOrZero(m.usefulUntil), m.failures, m.actor, db.MicrosOrZero(m.createdAt), db.MicrosOrZero(m.endedAt), m.organisation)
	return n > 0, err
}

// updateMessage writes what changes in the life of a message.
func updateMessage(ctx context.Context, tx *db.Tx, m message) error {
	said, err := m.texts.marshal()
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `UPDATE notice_message SET state = $2, email = $3, phone = $4, postal = $5, texts = $6, failures = $7, ended_at = $8, version = version + 1
		WHERE id = $1`, m.id, m.state, m.contacts.email, m.contacts.phone, m.contacts.postal, said, m.failures, db.MicrosOrZero(m.endedAt))
	return err
}

// lockMessage returns a message that nobody else changes until the transaction ends; fault.NotFound when there is none.
func lockMessage(ctx context.Context, tx *db.Tx, message ID) (message, error) {
	return db.One(ctx, tx, scanMessage, `UPDATE notice_message SET version = version + 1 WHERE id = $1 RETURNING `+messageCols, message)
}

// tellings are the messages of one fact to one person, but for the cancelled ones.
func tellings(ctx context.Context, q db.Querier, m message) ([]message, error) {
	return db.All(ctx, q, scanMessage, `SELECT `+messageCols+` FROM notice_message
		WHERE event = $1 AND event_key = $2 AND recipient = $3 AND state <> 'cancelled' ORDER BY id`, m.event, m.key, m.recipient)
}

// openOfFact are the messages of one fact that nobody was told yet.
func openOfFact(ctx context.Context, tx *db.Tx, event, key string) ([]message, error) {
	return db.All(ctx, tx, scanMessage, `UPDATE notice_message SET version = version + 1
		WHERE event = $1 AND event_key = $2 AND state IN ('waiting', 'by_hand', 'failed') RETURNING `+messageCols, event, key)
}

func ofRecipient(ctx context.Context, tx *db.Tx, recipient string) ([]message, error) {
	return db.All(ctx, tx, scanMessage, `UPDATE notice_message SET version = version + 1 WHERE recipient = $1 RETURNING `+messageCols, recipient)
}

// forgetMessage removes a message that cost nothing, and leaves of others a number that points to nobody.
func forgetMessage(ctx context.Context, tx *db.Tx, message ID) error {
	spent, err := db.One(ctx, tx, db.Value[int64], `SELECT count(*) FROM notice_receipt WHERE message_id = $1 AND result NOT IN ('postponed', 'retried')`, message)
	if err != nil {
		return err
	}
	if spent > 0 {
		if _, err := db.Exec(ctx, tx, `UPDATE notice_receipt SET provider_id = '' WHERE message_id = $1`, message); err != nil {
			return err
		}
		_, err = db.Exec(ctx, tx, `UPDATE notice_message SET recipient = 'message:' || id, event_key = '', email = '', phone = '', postal = '', contact_hash = '',
			stop_hash = '', texts = '', actor = 'system', state = CASE WHEN ended_at = 0 THEN 'cancelled' ELSE state END,
			ended_at = CASE WHEN ended_at = 0 THEN created_at ELSE ended_at END, version = version + 1 WHERE id = $1`, message)
		return err
	}
	if _, err := db.Exec(ctx, tx, `DELETE FROM notice_receipt WHERE message_id = $1`, message); err != nil {
		return err
	}
	_, err = db.Exec(ctx, tx, `DELETE FROM notice_message WHERE id = $1`, message)
	return err
}
