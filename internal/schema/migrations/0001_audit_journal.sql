-- +goose Up

-- One row per thing done: no name, no text, only the fingerprint of its body. Never changed, never deleted.
CREATE TABLE audit_leaf (
  id TEXT NOT NULL PRIMARY KEY,
  hash BYTEA NOT NULL
);

-- What was done, by whom, to what. Never changed; deleted only by retention, which leaves an audit_erasure.
CREATE TABLE audit_body (
  leaf_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_leaf (id),
  salt BYTEA NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX audit_body_object ON audit_body (object_kind, object_id);
CREATE INDEX audit_body_at ON audit_body (at);

-- Why a body is no longer there.
CREATE TABLE audit_erasure (
  leaf_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_leaf (id),
  at BIGINT NOT NULL,
  reason TEXT NOT NULL
);

-- Leaves that the sequencer has not placed yet; the only mutable list.
CREATE TABLE audit_pending (
  leaf_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_leaf (id)
);

-- The order of the leaves in the tree, from 0, without holes.
CREATE TABLE audit_sequence (
  position BIGINT NOT NULL PRIMARY KEY,
  leaf_id TEXT NOT NULL UNIQUE REFERENCES audit_leaf (id)
);

-- The stored hashes of the tree (RFC 6962), as golang.org/x/mod/sumdb/tlog numbers them.
CREATE TABLE audit_hash (
  position BIGINT NOT NULL PRIMARY KEY,
  hash BYTEA NOT NULL
);

-- Signed heads: "at this instant the journal had size leaves and this root".
CREATE TABLE audit_head (
  size BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  note TEXT NOT NULL
);

-- One row that sequencers touch first, so that one node at a time sequences.
CREATE TABLE audit_tree (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO audit_tree (id, version) VALUES (1, 0);
