-- +goose Up

-- A person who logs in. Two residents may share an e-mail address or a telephone; staff may not share an address.
-- epoch rises when sessions opened before must die: new password or factor, departure, account disabled.
-- password is an Argon2id string, '' for none. An erased account keeps its id alone, as the author of its work.
CREATE TABLE identity_account (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('staff', 'resident')),
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'left', 'erased')),
  epoch BIGINT NOT NULL,
  password TEXT NOT NULL,
  current_membership TEXT,
  seen_at BIGINT,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_account_staff_email ON identity_account (email) WHERE kind = 'staff' AND email <> '';
CREATE INDEX identity_account_email ON identity_account (email);
CREATE INDEX identity_account_phone ON identity_account (phone);
CREATE INDEX identity_account_name ON identity_account (name_key, id);

-- What a person is in an organisation. A suspended one waits for a manager; an ended one stays as history.
CREATE TABLE identity_membership (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  organisation_id TEXT NOT NULL REFERENCES identity_organisation (id),
  role TEXT NOT NULL CHECK (role IN ('mediator', 'helper', 'volunteer', 'relay', 'manager', 'officer', 'administrator', 'partner', 'elected', 'dpo')),
  scope_id TEXT REFERENCES identity_scope (id),
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'ended')),
  since_at BIGINT NOT NULL,
  ended_at BIGINT,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX identity_membership_role ON identity_membership (account_id, organisation_id, role) WHERE state <> 'ended';
CREATE INDEX identity_membership_organisation ON identity_membership (organisation_id);

-- A way in for one person, by a link that works once. The address is erased when the invitation is over.
CREATE TABLE identity_invitation (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  organisation_id TEXT NOT NULL REFERENCES identity_organisation (id),
  role TEXT NOT NULL,
  scope_id TEXT REFERENCES identity_scope (id),
  email TEXT NOT NULL,
  invited_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by TEXT REFERENCES identity_account (id),
  revoked_at BIGINT
);
CREATE INDEX identity_invitation_organisation ON identity_invitation (organisation_id, created_at);
CREATE INDEX identity_invitation_expiry ON identity_invitation (expires_at);

-- A browser that is logged in. Only the SHA-256 of its token is here. Rows are closed, never deleted by a log-out, and
-- only ever updated, so that a session that ended cannot come back.
CREATE TABLE identity_session (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash BYTEA NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES identity_account (id),
  membership_id TEXT REFERENCES identity_membership (id),
  epoch BIGINT NOT NULL,
  method TEXT NOT NULL CHECK (method IN ('password', 'passkey', 'federated', 'code', 'card', 'link')),
  provider TEXT NOT NULL,
  kiosk BOOLEAN NOT NULL,
  device TEXT NOT NULL,
  second_factor_at BIGINT,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  closed_at BIGINT,
  closed_why TEXT NOT NULL
);
CREATE INDEX identity_session_account ON identity_session (account_id);
CREATE INDEX identity_session_membership ON identity_session (membership_id);
CREATE INDEX identity_session_end ON identity_session (ends_at);
