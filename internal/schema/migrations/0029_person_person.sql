-- +goose Up

-- A person who is helped, from the first booking on. Neither an e-mail address nor a telephone is one: a couple shares a phone.
CREATE TABLE person_person (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL, -- folded, to be looked up
  pseudonym BOOLEAN NOT NULL, -- a name that the team gave
  phone TEXT NOT NULL, -- E.164, '' for none
  email TEXT NOT NULL,
  commune_code TEXT NOT NULL, -- of residence
  lang TEXT NOT NULL, -- to be told in, '' for French
  relation_to TEXT NOT NULL, -- the person who answers for this one
  relation TEXT NOT NULL CHECK (relation IN ('', 'relative', 'helper', 'household')),
  account_id TEXT NOT NULL,
  organisation_id TEXT NOT NULL, -- that first met her, '' for nobody
  silent BOOLEAN NOT NULL, -- in danger: nothing is shown or sent
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL, -- last booking or meeting
  version BIGINT NOT NULL
);
CREATE INDEX person_person_phone ON person_person (phone) WHERE phone <> '';
CREATE INDEX person_person_email ON person_person (email) WHERE email <> '';
CREATE INDEX person_person_name ON person_person (name_key);
CREATE INDEX person_person_account ON person_person (account_id) WHERE account_id <> '';
CREATE INDEX person_person_relation ON person_person (relation_to) WHERE relation_to <> '';
CREATE INDEX person_person_seen ON person_person (seen_at, id);
