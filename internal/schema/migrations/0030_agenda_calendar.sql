-- +goose Up

-- What every change of the agenda touches last: readers take what changed after the version they know, in its order.
CREATE TABLE agenda_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL,
  last_number BIGINT NOT NULL -- public number last given to an occurrence, never given again
);
INSERT INTO agenda_state (id, version, last_number) VALUES (1, 0, 0);

-- Why one asks for an appointment: how long it takes, when it may be taken, moved, cancelled.
CREATE TABLE agenda_reason (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  name TEXT NOT NULL, -- "Faire une démarche"
  minutes BIGINT NOT NULL CHECK (minutes BETWEEN 5 AND 480),
  buffer_min BIGINT NOT NULL CHECK (buffer_min BETWEEN 0 AND 120), -- kept free after each
  notice_min BIGINT NOT NULL CHECK (notice_min >= 0), -- how long before, at the latest
  ahead_days BIGINT NOT NULL CHECK (ahead_days BETWEEN 1 AND 366), -- how long before, at the earliest
  cancel_min BIGINT NOT NULL CHECK (cancel_min >= 0), -- until when the person cancels alone
  move_min BIGINT NOT NULL CHECK (move_min >= 0), -- until when the person moves it alone
  bookable_by TEXT NOT NULL CHECK (bookable_by IN ('everyone', 'helpers', 'team')),
  silent BOOLEAN NOT NULL, -- its appointments are invisible
  bring TEXT NOT NULL, -- what to bring, in plain words
  retired BOOLEAN NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX agenda_reason_organisation ON agenda_reason (organisation_id, name);

-- A van, its crew and its season; its stops are series.
CREATE TABLE agenda_tour (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  name TEXT NOT NULL,
  vehicle TEXT NOT NULL,
  kit TEXT NOT NULL, -- one thing a line
  season_from TEXT NOT NULL, -- civil dates
  season_to TEXT NOT NULL,
  speed_kmh BIGINT NOT NULL CHECK (speed_kmh BETWEEN 10 AND 110), -- where no travel time was measured
  setup_min BIGINT NOT NULL CHECK (setup_min BETWEEN 0 AND 240), -- to set up, and to pack
  base_commune TEXT NOT NULL, -- where it leaves from
  ended BOOLEAN NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX agenda_tour_organisation ON agenda_tour (organisation_id, name);

CREATE TABLE agenda_tour_member (
  tour_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (tour_id, account_id)
);

-- What comes again: a rule, and what each of its dates is unless something else is said of it.
CREATE TABLE agenda_series (
  id TEXT NOT NULL PRIMARY KEY,
  organisation_id TEXT NOT NULL,
  tour_id TEXT NOT NULL, -- '' for none
  state TEXT NOT NULL CHECK (state IN ('draft', 'proposed', 'published', 'refused', 'ended')),
  refusal TEXT NOT NULL, -- why, in plain words
  proposed_by TEXT NOT NULL, -- account, or cli, system
  mode TEXT NOT NULL CHECK (mode IN ('walk_in', 'workshop', 'appointments', 'game', 'machine', 'repair', 'event', 'open_hours', 'group')),
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  theme TEXT NOT NULL, -- a need of the census, '' for any
  level TEXT NOT NULL CHECK (level IN ('', 'beginner', 'middle', 'advanced')),
  prerequisites TEXT NOT NULL,
  phone TEXT NOT NULL, -- to register by, E.164 or ''
  place_id TEXT NOT NULL, -- of the census, '' for a venue alone
  commune_code TEXT NOT NULL,
  venue TEXT NOT NULL, -- "Salle du conseil, à la mairie"
  rule TEXT NOT NULL, -- RFC 5545, '' is once
  starts_on TEXT NOT NULL,
  until_on TEXT NOT NULL,
  minute BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 1439),
  length_min BIGINT NOT NULL CHECK (length_min BETWEEN 1 AND 1440),
  zone TEXT NOT NULL, -- IANA name
  on_holiday TEXT NOT NULL CHECK (on_holiday IN ('keep', 'skip', 'next_day')),
  school TEXT NOT NULL CHECK (school IN ('', 'term', 'holidays')),
  except_on TEXT NOT NULL, -- civil dates joined by |
  extra_on TEXT NOT NULL,
  capacity BIGINT NOT NULL CHECK (capacity >= 0), -- seats; 0 is no limit
  desks BIGINT NOT NULL CHECK (desks BETWEEN 1 AND 20), -- appointments at the same time
  step_min BIGINT NOT NULL CHECK (step_min BETWEEN 5 AND 240), -- appointments begin on this grid
  reasons TEXT NOT NULL, -- ids joined by |
  first_for TEXT NOT NULL, -- mode that has priority, '' for none
  release_min BIGINT NOT NULL CHECK (release_min >= 0), -- before the start, when the priority falls
  notice_min BIGINT NOT NULL CHECK (notice_min >= 0),
  ahead_days BIGINT NOT NULL CHECK (ahead_days BETWEEN 1 AND 366),
  cancel_min BIGINT NOT NULL CHECK (cancel_min >= 0),
  move_min BIGINT NOT NULL CHECK (move_min >= 0),
  waiting BOOLEAN NOT NULL, -- has a waiting list
  hold_min BIGINT NOT NULL CHECK (hold_min BETWEEN 10 AND 10080), -- how long a freed seat is kept for one person
  skill TEXT NOT NULL, -- authorisation that is asked for, '' for none
  cycle BOOLEAN NOT NULL, -- one enrolment is for every session
  host_name TEXT NOT NULL, -- who lends the room: "Mairie de Salindres"
  host_email TEXT NOT NULL,
  host_phone TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX agenda_series_organisation ON agenda_series (organisation_id, state);
CREATE INDEX agenda_series_tour ON agenda_series (tour_id);

CREATE TABLE agenda_series_member (
  series_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (series_id, account_id)
);

-- Seats kept for some until a time before the start.
CREATE TABLE agenda_quota (
  id TEXT NOT NULL PRIMARY KEY,
  series_id TEXT NOT NULL,
  seats BIGINT NOT NULL CHECK (seats > 0),
  kind TEXT NOT NULL CHECK (kind IN ('commune', 'public', 'relay')),
  value TEXT NOT NULL, -- INSEE codes joined by |, an audience, an organisation
  release_min BIGINT NOT NULL CHECK (release_min >= 0)
);
CREATE INDEX agenda_quota_series ON agenda_quota (series_id);

-- One date of a series, with a life of its own.
CREATE TABLE agenda_occurrence (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL,
  series_id TEXT NOT NULL,
  planned_on TEXT NOT NULL, -- date of the rule, '' for one that was added
  on_date TEXT NOT NULL, -- civil date, time and length, on the clocks of zone
  minute BIGINT NOT NULL CHECK (minute BETWEEN 0 AND 1439),
  length_min BIGINT NOT NULL CHECK (length_min BETWEEN 1 AND 1440),
  zone TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('planned', 'host_confirmed', 'open', 'in_progress', 'closed', 'cancelled', 'moved')),
  reason TEXT NOT NULL, -- why it was cancelled or moved
  ended_by TEXT NOT NULL CHECK (ended_by IN ('', 'team', 'host')),
  moved_to TEXT NOT NULL, -- the occurrence that stands for it
  delay_min BIGINT NOT NULL CHECK (delay_min BETWEEN 0 AND 600),
  place_id TEXT NOT NULL,
  commune_code TEXT NOT NULL,
  venue TEXT NOT NULL,
  capacity BIGINT NOT NULL CHECK (capacity >= 0),
  edited BOOLEAN NOT NULL, -- differs from its series: the series does not change it any more
  change BIGINT NOT NULL, -- version of the agenda that wrote it last
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agenda_occurrence_number ON agenda_occurrence (number);
CREATE INDEX agenda_occurrence_series ON agenda_occurrence (series_id, starts_at);
CREATE INDEX agenda_occurrence_start ON agenda_occurrence (starts_at, id);
CREATE INDEX agenda_occurrence_change ON agenda_occurrence (change);

CREATE TABLE agenda_occurrence_member (
  occurrence_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (occurrence_id, account_id)
);
CREATE INDEX agenda_occurrence_member_account ON agenda_occurrence_member (account_id);

-- What happened to an occurrence, in order; rows are only added.
CREATE TABLE agenda_occurrence_step (
  id TEXT NOT NULL PRIMARY KEY,
  occurrence_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  by_actor TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX agenda_occurrence_step_of ON agenda_occurrence_step (occurrence_id, at, id);

-- A seat, asked for or held. Its state is what its last step says, kept here too.
CREATE TABLE agenda_claim (
  id TEXT NOT NULL PRIMARY KEY,
  occurrence_id TEXT NOT NULL,
  person_id TEXT NOT NULL, -- '' once the person was erased
  state TEXT NOT NULL CHECK (state IN ('waiting', 'held', 'booked', 'arrived', 'attended', 'partly', 'no_show', 'cancelled', 'declined', 'expired')),
  seats BIGINT NOT NULL CHECK (seats BETWEEN 1 AND 200),
  slot_at BIGINT NOT NULL, -- of an appointment; 0 for the whole occurrence
  slot_end BIGINT NOT NULL, -- its buffer included
  reason_id TEXT NOT NULL,
  reference TEXT NOT NULL, -- what the person finds it again with; of a cycle, on its first session alone
  cycle_id TEXT NOT NULL, -- the claim that this one follows, '' for none
  origin TEXT NOT NULL CHECK (origin IN ('web', 'phone', 'desk', 'helper', 'walk_in')),
  by_account TEXT NOT NULL, -- the member of staff who booked, '' for none
  by_organisation TEXT NOT NULL,
  quota_id TEXT NOT NULL,
  commune_code TEXT NOT NULL, -- of residence, where a quota asks
  audience TEXT NOT NULL,
  silent BOOLEAN NOT NULL,
  phone_key TEXT NOT NULL, -- keyed fingerprints of what was given, '' for none
  email_key TEXT NOT NULL,
  turn BIGINT NOT NULL, -- order of arrival in the waiting list; 0 for who never waited
  held_until BIGINT NOT NULL, -- 0 unless held
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL, -- 0 while live
  version BIGINT NOT NULL
);
CREATE INDEX agenda_claim_occurrence ON agenda_claim (occurrence_id, state);
CREATE UNIQUE INDEX agenda_claim_turn ON agenda_claim (occurrence_id, turn) WHERE turn > 0;
CREATE UNIQUE INDEX agenda_claim_reference ON agenda_claim (reference) WHERE reference <> '';
CREATE INDEX agenda_claim_person ON agenda_claim (person_id);
CREATE INDEX agenda_claim_phone ON agenda_claim (phone_key, state);
CREATE INDEX agenda_claim_email ON agenda_claim (email_key, state);
CREATE INDEX agenda_claim_hold ON agenda_claim (held_until) WHERE held_until > 0;
CREATE INDEX agenda_claim_cycle ON agenda_claim (cycle_id);
CREATE INDEX agenda_claim_end ON agenda_claim (ended_at, id);

-- What happened to a claim, in order; rows are only added.
CREATE TABLE agenda_claim_step (
  id TEXT NOT NULL PRIMARY KEY,
  claim_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  by_actor TEXT NOT NULL,
  why TEXT NOT NULL -- a code, never a sentence about somebody
);
CREATE INDEX agenda_claim_step_of ON agenda_claim_step (claim_id, at, id);

-- Somebody came without booking: one row a tap; -1 takes one back.
CREATE TABLE agenda_headcount (
  id TEXT NOT NULL PRIMARY KEY, -- made by the device, so that a tap sent twice counts once
  occurrence_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  n BIGINT NOT NULL CHECK (n IN (-1, 1)),
  by_actor TEXT NOT NULL
);
CREATE INDEX agenda_headcount_of ON agenda_headcount (occurrence_id);

-- Who may use a machine, until when.
CREATE TABLE agenda_authorisation (
  id TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL,
  skill TEXT NOT NULL,
  organisation_id TEXT NOT NULL,
  granted_by TEXT NOT NULL,
  granted_at BIGINT NOT NULL,
  expires_on TEXT NOT NULL, -- civil date, last day included
  revoked_at BIGINT NOT NULL -- 0 while in force
);
CREATE INDEX agenda_authorisation_person ON agenda_authorisation (person_id, skill);

-- A commune asks for somebody half a day or a day a week.
CREATE TABLE agenda_request (
  id TEXT NOT NULL PRIMARY KEY,
  reference TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'studied', 'proposed', 'agreed', 'scheduled', 'declined')),
  commune_code TEXT NOT NULL,
  whole_day BOOLEAN NOT NULL,
  every_weeks BIGINT NOT NULL CHECK (every_weeks IN (1, 2)),
  days TEXT NOT NULL, -- wished for: numbers 1 to 7 joined by |, '' is any
  half TEXT NOT NULL CHECK (half IN ('', 'morning', 'afternoon')),
  from_on TEXT NOT NULL, -- civil date
  rooms TEXT NOT NULL,
  wifi TEXT NOT NULL CHECK (wifi IN ('', 'yes', 'no')),
  step_free TEXT NOT NULL CHECK (step_free IN ('', 'yes', 'no')),
  needs TEXT NOT NULL,
  contact_name TEXT NOT NULL,
  contact_role TEXT NOT NULL,
  email TEXT NOT NULL,
  phone TEXT NOT NULL,
  offer TEXT NOT NULL, -- what the team proposed: JSON of a half-day
  series_id TEXT NOT NULL, -- that it became
  refusal TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX agenda_request_reference ON agenda_request (reference);
CREATE INDEX agenda_request_state ON agenda_request (state, created_at, id);

CREATE TABLE agenda_request_step (
  id TEXT NOT NULL PRIMARY KEY,
  request_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  state TEXT NOT NULL,
  by_actor TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX agenda_request_step_of ON agenda_request_step (request_id, at, id);

-- Measured travel times between communes.
CREATE TABLE agenda_leg (
  from_code TEXT NOT NULL,
  to_code TEXT NOT NULL,
  minutes BIGINT NOT NULL CHECK (minutes BETWEEN 0 AND 600),
  PRIMARY KEY (from_code, to_code)
);

-- The secret calendar of a member of staff: a new generation ends the addresses given before.
CREATE TABLE agenda_feed (
  account_id TEXT NOT NULL PRIMARY KEY,
  generation BIGINT NOT NULL
);
