-- +goose Up

-- A step of a log-in that waits for the next one: password given and factor awaited, passkey ceremony, code sent to a
-- resident, one-time link. It works once, for a few minutes, in the browser that holds its token. data is JSON.
CREATE TABLE identity_challenge (
  token_hash BYTEA NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  account_id TEXT REFERENCES identity_account (id),
  epoch BIGINT NOT NULL,
  data TEXT NOT NULL,
  tries BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX identity_challenge_expiry ON identity_challenge (expires_at);
CREATE INDEX identity_challenge_account ON identity_challenge (account_id);

-- A one-time password application or card. The secret is sealed with a key that is not in the database; last_step is the
-- step that was used last: it and those before it are refused.
CREATE TABLE identity_totp (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  name TEXT NOT NULL,
  secret BYTEA NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX identity_totp_account ON identity_totp (account_id);

-- Codes on paper for the day the telephone is lost: each works once.
CREATE TABLE identity_recovery (
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  code_hash BYTEA NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account_id, code_hash)
);

-- A passkey: its public part, as the WebAuthn library keeps it (JSON that SQL never looks into).
CREATE TABLE identity_passkey (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  credential_id BYTEA NOT NULL UNIQUE,
  credential TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX identity_passkey_account ON identity_passkey (account_id);

-- Failures of late, under a keyed hash of what they were about (an account's address, a network address): no name here.
CREATE TABLE identity_throttle (
  key TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL
);
CREATE INDEX identity_throttle_last ON identity_throttle (last_at);

-- Somebody lost every factor: a manager asks, another person confirms, then the person chooses new ones by a link.
CREATE TABLE identity_reproof (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  asked_by TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  confirmed_by TEXT,
  confirmed_at BIGINT,
  expires_at BIGINT NOT NULL,
  closed_at BIGINT,
  CHECK (confirmed_by <> asked_by)
);
CREATE INDEX identity_reproof_account ON identity_reproof (account_id);
