-- +goose Up

-- A room, a desk in it, a machine: what holds another blocks it, and the other way round.
CREATE TABLE agenda_resource (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('room', 'desk', 'machine', 'laptop')),
  parent_id TEXT NOT NULL, -- that it stands in, '' for none
  root_id TEXT NOT NULL, -- the outermost: whoever books touches its row first
  release_min BIGINT NOT NULL CHECK (release_min BETWEEN 0 AND 240), -- released when nobody came by then; 0 is never
  retired BOOLEAN NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX agenda_resource_organisation ON agenda_resource (organisation_id, name);
CREATE INDEX agenda_resource_root ON agenda_resource (root_id);

CREATE TABLE agenda_use (
  id TEXT NOT NULL PRIMARY KEY,
  resource_id TEXT NOT NULL,
  person_id TEXT NOT NULL, -- '' once the person was erased
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('booked', 'checked_in', 'cancelled', 'released')),
  by_actor TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK (ends_at > starts_at)
);
CREATE INDEX agenda_use_resource ON agenda_use (resource_id, starts_at);
CREATE INDEX agenda_use_person ON agenda_use (person_id);
CREATE INDEX agenda_use_end ON agenda_use (ends_at, id);
