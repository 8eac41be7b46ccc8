-- +goose Up

-- Whom a body concerns beside its object: ids of persons and accounts, part of what its leaf is the hash of.
CREATE TABLE audit_subject (
  subject_kind TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  leaf_id TEXT NOT NULL REFERENCES audit_leaf (id),
  PRIMARY KEY (subject_kind, subject_id, leaf_id)
) WITHOUT ROWID;
CREATE INDEX audit_subject_leaf ON audit_subject (leaf_id);

-- Which signed heads were sent to whoever keeps them.
CREATE TABLE audit_mailed (
  size BIGINT NOT NULL PRIMARY KEY REFERENCES audit_head (size),
  at BIGINT NOT NULL
);

-- Lines are read newest first, page after page: all, about an object, of an actor.
DROP INDEX audit_body_at;
DROP INDEX audit_body_object;
CREATE INDEX audit_body_at ON audit_body (at, leaf_id);
CREATE INDEX audit_body_object ON audit_body (object_kind, object_id, at, leaf_id);
CREATE INDEX audit_body_actor ON audit_body (actor, at, leaf_id);

-- The journal refuses its own rewriting (ADR 3).

-- +goose StatementBegin
CREATE TRIGGER audit_subject_no_update BEFORE UPDATE ON audit_subject
BEGIN SELECT RAISE(ABORT, 'journal: audit_subject refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_subject_no_delete BEFORE DELETE ON audit_subject
WHEN NOT EXISTS (SELECT 1 FROM audit_erasure e WHERE e.leaf_id = OLD.leaf_id)
BEGIN SELECT RAISE(ABORT, 'journal: audit_subject refuses DELETE without an erasure'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_mailed_no_update BEFORE UPDATE ON audit_mailed
BEGIN SELECT RAISE(ABORT, 'journal: audit_mailed refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_mailed_no_delete BEFORE DELETE ON audit_mailed
BEGIN SELECT RAISE(ABORT, 'journal: audit_mailed refuses DELETE'); END;
-- +goose StatementEnd
