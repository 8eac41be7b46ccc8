-- +goose Up

-- "Déclarer un lieu": what an organisation says of its place without an account, or corrects of it, until somebody of the
-- team decides. said and base are JSON objects of text by the names of columns; base is what the place said when its
-- correction began. The link's token stands nowhere, only a keyed hash of it. An instant of 0 is never.
CREATE TABLE place_declaration (
  id TEXT NOT NULL PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,
  place_id TEXT REFERENCES place_place (id), -- NULL for a place that the census does not have yet
  email TEXT NOT NULL, -- '' until it is said, and once it was erased
  token_hash TEXT NOT NULL UNIQUE,
  said TEXT NOT NULL,
  base TEXT NOT NULL,
  step TEXT NOT NULL, -- the last question that was answered
  state TEXT NOT NULL CHECK (state IN ('draft', 'sent', 'accepted', 'refused')),
  reason TEXT NOT NULL, -- of the last refusal
  version BIGINT NOT NULL,
  mails BIGINT NOT NULL, -- links mailed on demand since mailed_at
  mailed_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  sent_at BIGINT NOT NULL,
  decided_at BIGINT NOT NULL,
  CHECK (state <> 'sent' OR sent_at > 0),
  CHECK (state NOT IN ('accepted', 'refused') OR decided_at > 0)
);
CREATE INDEX place_declaration_queue ON place_declaration (state, sent_at, id);
CREATE INDEX place_declaration_age ON place_declaration (state, changed_at, id);
CREATE INDEX place_declaration_place ON place_declaration (place_id);
CREATE INDEX place_declaration_email ON place_declaration (email);
