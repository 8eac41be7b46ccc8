-- +goose Up

-- A printed card: a QR code with a token, and a PIN told apart. Both are here as keyed hashes. Five wrong PINs block it.
CREATE TABLE identity_card (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  token_hash BYTEA NOT NULL UNIQUE,
  pin_hash BYTEA NOT NULL,
  tries BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'blocked', 'replaced')),
  issued_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE UNIQUE INDEX identity_card_account ON identity_card (account_id) WHERE state <> 'replaced';

-- Who a person is for an identity provider (ProConnect, FranceConnect): by subject and by the provider behind it, never
-- by an e-mail address.
CREATE TABLE identity_federated (
  provider TEXT NOT NULL,
  subject TEXT NOT NULL,
  idp TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  siret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (provider, subject, idp)
);
CREATE INDEX identity_federated_account ON identity_federated (account_id);
