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
