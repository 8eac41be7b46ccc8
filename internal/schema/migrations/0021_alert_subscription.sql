-- +goose Up

-- "Tell me when something comes near my commune": of an account, or of an e-mail address that its owner confirmed.
CREATE TABLE alert_subscription (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL, -- empty for an address alone
  email TEXT NOT NULL, -- empty for an account, which knows where it is written to
  commune_code TEXT NOT NULL,
  radius_km BIGINT NOT NULL CHECK (radius_km > 0),
  created_at BIGINT NOT NULL,
  asked_at BIGINT NOT NULL, -- when the address was last asked to confirm
  confirmed_at BIGINT NOT NULL, -- 0: waits to be confirmed
  looked_at BIGINT NOT NULL, -- what came after is still to be told
  CHECK ((account_id = '') <> (email = ''))
);
CREATE UNIQUE INDEX alert_subscription_once ON alert_subscription (account_id, email, commune_code);
CREATE INDEX alert_subscription_look ON alert_subscription (looked_at, id);
CREATE INDEX alert_subscription_age ON alert_subscription (confirmed_at, created_at, id);
