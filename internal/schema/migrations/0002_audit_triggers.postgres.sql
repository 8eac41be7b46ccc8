-- +goose Up

-- The journal refuses its own rewriting (ADR 3).

-- +goose StatementBegin
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'journal: % refuses %', TG_TABLE_NAME, TG_OP;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION audit_refuse_body_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM audit_erasure e WHERE e.leaf_id = OLD.leaf_id) THEN
    RAISE EXCEPTION 'journal: audit_body refuses DELETE without an erasure';
  END IF;
  RETURN OLD;
END $$;
-- +goose StatementEnd

CREATE TRIGGER audit_leaf_no_change BEFORE UPDATE OR DELETE ON audit_leaf FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_leaf_no_truncate BEFORE TRUNCATE ON audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_erasure_no_change BEFORE UPDATE OR DELETE ON audit_erasure FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_erasure_no_truncate BEFORE TRUNCATE ON audit_erasure FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_sequence_no_change BEFORE UPDATE OR DELETE ON audit_sequence FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_sequence_no_truncate BEFORE TRUNCATE ON audit_sequence FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_hash_no_change BEFORE UPDATE OR DELETE ON audit_hash FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_hash_no_truncate BEFORE TRUNCATE ON audit_hash FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_change BEFORE UPDATE OR DELETE ON audit_head FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_head FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_body_no_update BEFORE UPDATE ON audit_body FOR EACH ROW EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_body_no_delete BEFORE DELETE ON audit_body FOR EACH ROW EXECUTE FUNCTION audit_refuse_body_delete();
CREATE TRIGGER audit_body_no_truncate BEFORE TRUNCATE ON audit_body FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
