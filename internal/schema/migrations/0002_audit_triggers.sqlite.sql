-- +goose Up

-- The journal refuses its own rewriting (ADR 3).

-- +goose StatementBegin
CREATE TRIGGER audit_leaf_no_update BEFORE UPDATE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'journal: audit_leaf refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_leaf_no_delete BEFORE DELETE ON audit_leaf
BEGIN SELECT RAISE(ABORT, 'journal: audit_leaf refuses DELETE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_erasure_no_update BEFORE UPDATE ON audit_erasure
BEGIN SELECT RAISE(ABORT, 'journal: audit_erasure refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_erasure_no_delete BEFORE DELETE ON audit_erasure
BEGIN SELECT RAISE(ABORT, 'journal: audit_erasure refuses DELETE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_sequence_no_update BEFORE UPDATE ON audit_sequence
BEGIN SELECT RAISE(ABORT, 'journal: audit_sequence refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_sequence_no_delete BEFORE DELETE ON audit_sequence
BEGIN SELECT RAISE(ABORT, 'journal: audit_sequence refuses DELETE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_hash_no_update BEFORE UPDATE ON audit_hash
BEGIN SELECT RAISE(ABORT, 'journal: audit_hash refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_hash_no_delete BEFORE DELETE ON audit_hash
BEGIN SELECT RAISE(ABORT, 'journal: audit_hash refuses DELETE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_head_no_update BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'journal: audit_head refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'journal: audit_head refuses DELETE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_body_no_update BEFORE UPDATE ON audit_body
BEGIN SELECT RAISE(ABORT, 'journal: audit_body refuses UPDATE'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_body_no_delete BEFORE DELETE ON audit_body
WHEN NOT EXISTS (SELECT 1 FROM audit_erasure e WHERE e.leaf_id = OLD.leaf_id)
BEGIN SELECT RAISE(ABORT, 'journal: audit_body refuses DELETE without an erasure'); END;
-- +goose StatementEnd
