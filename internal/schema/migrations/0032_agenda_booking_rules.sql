-- +goose Up

-- What a resource asks of whoever books it. 0 and '' ask nothing.
ALTER TABLE agenda_resource ADD COLUMN hours TEXT NOT NULL DEFAULT ''; -- opening_hours of OSM, dated exceptions included
ALTER TABLE agenda_resource ADD COLUMN buffer_min BIGINT NOT NULL DEFAULT 0; -- kept free between two bookings
ALTER TABLE agenda_resource ADD COLUMN least_min BIGINT NOT NULL DEFAULT 0; -- shortest booking
ALTER TABLE agenda_resource ADD COLUMN most_min BIGINT NOT NULL DEFAULT 0; -- longest booking
ALTER TABLE agenda_resource ADD COLUMN step_min BIGINT NOT NULL DEFAULT 0; -- bookings begin and end on this grid
ALTER TABLE agenda_resource ADD COLUMN notice_min BIGINT NOT NULL DEFAULT 0; -- how long before, at the latest, it is booked
ALTER TABLE agenda_resource ADD COLUMN ahead_days BIGINT NOT NULL DEFAULT 0; -- how long before, at the earliest
ALTER TABLE agenda_resource ADD COLUMN week_min BIGINT NOT NULL DEFAULT 0; -- minutes that one person may have in a week
ALTER TABLE agenda_resource ADD COLUMN approval BOOLEAN NOT NULL DEFAULT FALSE; -- somebody says yes

-- Bookings are asked for, and several resources are one booking: the table is written anew with its wider states.
CREATE TABLE agenda_use_next (
  id TEXT NOT NULL PRIMARY KEY,
  resource_id TEXT NOT NULL,
  bundle_id TEXT NOT NULL, -- of what was taken together: that of its first use
  person_id TEXT NOT NULL, -- '' once the person was erased, or for the team's own use
  purpose TEXT NOT NULL, -- of the team's own use: "Atelier du jeudi"
  occurrence_id TEXT NOT NULL, -- date that it is for, '' for none
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'booked', 'checked_in', 'cancelled', 'released', 'refused')),
  refusal TEXT NOT NULL, -- why, in plain words
  by_actor TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  CHECK (ends_at > starts_at)
);
INSERT INTO agenda_use_next (id, resource_id, bundle_id, person_id, purpose, occurrence_id, starts_at, ends_at, state, refusal, by_actor, created_at)
  SELECT id, resource_id, id, person_id, '', '', starts_at, ends_at, state, '', by_actor, created_at FROM agenda_use;
DROP TABLE agenda_use;
ALTER TABLE agenda_use_next RENAME TO agenda_use;
CREATE INDEX agenda_use_resource ON agenda_use (resource_id, starts_at);
CREATE INDEX agenda_use_bundle ON agenda_use (bundle_id);
CREATE INDEX agenda_use_person ON agenda_use (person_id);
CREATE INDEX agenda_use_occurrence ON agenda_use (occurrence_id) WHERE occurrence_id <> '';
CREATE INDEX agenda_use_end ON agenda_use (ends_at, id);

-- Who of the team is taken with a booking; it holds as long as the booking does.
CREATE TABLE agenda_use_member (
  bundle_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (bundle_id, account_id)
);
CREATE INDEX agenda_use_member_account ON agenda_use_member (account_id);

-- The row that is touched first by whoever takes somebody's time.
CREATE TABLE agenda_member (
  account_id TEXT NOT NULL PRIMARY KEY,
  version BIGINT NOT NULL
);

-- What happened to a booking of a resource, in order; rows are only added.
CREATE TABLE agenda_use_step (
  id TEXT NOT NULL PRIMARY KEY,
  use_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  by_actor TEXT NOT NULL
);
CREATE INDEX agenda_use_step_of ON agenda_use_step (use_id, at, id);
