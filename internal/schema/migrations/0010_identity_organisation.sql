-- +goose Up

-- One row that changes touch first when they must count or compare across rows: the last administrator, the tree of
-- organisations.
CREATE TABLE identity_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO identity_state (id, version) VALUES (1, 0);

-- Whoever takes part in the programme. siret is fourteen digits or '' (not known); site tells apart several sites under
-- one number, '' for the only one. A merged organisation stays, and points to the one that took over.
CREATE TABLE identity_organisation (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('department', 'epci', 'commune', 'ccas', 'association', 'mediation', 'relay', 'operator', 'state', 'other')),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  siret TEXT NOT NULL,
  site TEXT NOT NULL,
  parent_id TEXT REFERENCES identity_organisation (id),
  commune_code TEXT NOT NULL,
  postcode TEXT NOT NULL,
  address TEXT NOT NULL,
  phone TEXT NOT NULL,
  email TEXT NOT NULL,
  website TEXT NOT NULL,
  presentation TEXT NOT NULL,
  listed BOOLEAN NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'closed', 'merged')),
  merged_into TEXT REFERENCES identity_organisation (id),
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  CHECK ((state = 'merged') = (merged_into IS NOT NULL))
);
CREATE UNIQUE INDEX identity_organisation_siret ON identity_organisation (siret, site) WHERE siret <> '' AND state <> 'merged';
CREATE INDEX identity_organisation_name ON identity_organisation (name_key, id);
CREATE INDEX identity_organisation_parent ON identity_organisation (parent_id);
CREATE INDEX identity_organisation_merged ON identity_organisation (merged_into);

-- What an organisation was called, and under which number, until an instant. Never changed.
CREATE TABLE identity_past (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL REFERENCES identity_organisation (id),
  name TEXT NOT NULL,
  siret TEXT NOT NULL,
  site TEXT NOT NULL,
  until_at BIGINT NOT NULL
);
CREATE INDEX identity_past_organisation ON identity_past (organisation_id, until_at);

-- The ground that a right holds on: a département, an EPCI, a commune (by its code), or a group of communes with a name.
CREATE TABLE identity_scope (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('department', 'epci', 'commune', 'group')),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  CHECK ((kind = 'group') = (code = ''))
);
CREATE UNIQUE INDEX identity_scope_code ON identity_scope (kind, code) WHERE kind <> 'group';

-- The communes of a group.
CREATE TABLE identity_scope_commune (
  scope_id TEXT NOT NULL REFERENCES identity_scope (id),
  commune_code TEXT NOT NULL,
  PRIMARY KEY (scope_id, commune_code)
);
