-- +goose Up

-- When a member of staff is away. No reason is kept beyond its kind, and illness is none of them.
CREATE TABLE agenda_absence (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL, -- where it was noted
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('leave', 'training', 'other')),
  from_on TEXT NOT NULL, -- civil dates and minutes of the day, on the clocks of zone
  from_minute BIGINT NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
  to_on TEXT NOT NULL,
  to_minute BIGINT NOT NULL CHECK (to_minute BETWEEN 0 AND 1440),
  zone TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  withdrawn_at BIGINT NOT NULL, -- 0 while it stands
  CHECK (ends_at > starts_at)
);
CREATE UNIQUE INDEX agenda_absence_once ON agenda_absence (account_id, starts_at, ends_at) WHERE withdrawn_at = 0;
CREATE INDEX agenda_absence_organisation ON agenda_absence (organisation_id, ends_at);
CREATE INDEX agenda_absence_end ON agenda_absence (ends_at, id);

-- A shift of volunteers: what is to be done, when, and how many are needed.
CREATE TABLE agenda_shift (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  role TEXT NOT NULL, -- "Accueil"
  venue TEXT NOT NULL,
  on_date TEXT NOT NULL, -- civil date, minute of the day and length, on the clocks of zone
  minute BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 1439),
  length_min BIGINT NOT NULL CHECK (length_min BETWEEN 15 AND 1440),
  zone TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  needed BIGINT NOT NULL CHECK (needed BETWEEN 1 AND 50),
  skill TEXT NOT NULL, -- authorisation that is asked for, '' for none
  version BIGINT NOT NULL
);
CREATE INDEX agenda_shift_organisation ON agenda_shift (organisation_id, starts_at);
CREATE INDEX agenda_shift_end ON agenda_shift (ends_at, id);

-- What happened to somebody on a shift, in order; rows are only added. The last one of each person says where they stand.
CREATE TABLE agenda_shift_entry (
  id TEXT NOT NULL PRIMARY KEY,
  shift_id TEXT NOT NULL,
  turn BIGINT NOT NULL, -- order within the shift
  volunteer TEXT NOT NULL, -- the same for all rows of a person on a shift, and of nobody once erased
  person_id TEXT NOT NULL, -- '' once the person was erased
  state TEXT NOT NULL CHECK (state IN ('signed_up', 'came', 'no_show', 'withdrawn')),
  minutes BIGINT NOT NULL CHECK (minutes BETWEEN 0 AND 1440), -- worked, of who came
  at BIGINT NOT NULL,
  by_actor TEXT NOT NULL
);
CREATE UNIQUE INDEX agenda_shift_entry_turn ON agenda_shift_entry (shift_id, turn);
CREATE INDEX agenda_shift_entry_person ON agenda_shift_entry (person_id);
