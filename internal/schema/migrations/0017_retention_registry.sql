-- +goose Up

-- One row that runs, holds and changes of durations touch first: one of them at a time. A run keeps its turn by it.
CREATE TABLE retention_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL,
  running_by TEXT NOT NULL,
  running_until BIGINT NOT NULL,
  ran_on TEXT NOT NULL
);
INSERT INTO retention_state (id, version, running_by, running_until, ran_on) VALUES (1, 0, '', 0, '');

-- The durations that were changed; a rule without a row has its own.
CREATE TABLE retention_rule (
  key TEXT NOT NULL PRIMARY KEY,
  amount BIGINT NOT NULL CHECK (amount > 0),
  unit TEXT NOT NULL CHECK (unit IN ('day', 'month', 'year')),
  version BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- Dry runs of the last day: a change of a duration names one.
CREATE TABLE retention_trial (
  id TEXT NOT NULL PRIMARY KEY,
  rule_key TEXT NOT NULL,
  amount BIGINT NOT NULL,
  unit TEXT NOT NULL,
  version BIGINT NOT NULL,
  at BIGINT NOT NULL,
  due BIGINT NOT NULL,
  held BIGINT NOT NULL
);

-- What may not be erased for a time: a rule, or an object and what belongs to it.
CREATE TABLE retention_hold (
  id TEXT NOT NULL PRIMARY KEY,
  rule_key TEXT NOT NULL,
  object_kind TEXT NOT NULL,
  object_id TEXT NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('litigation', 'inquiry', 'rights', 'accounts', 'incident')),
  until_on TEXT NOT NULL,
  placed_at BIGINT NOT NULL,
  placed_by TEXT NOT NULL,
  released_at BIGINT,
  released_by TEXT NOT NULL,
  CHECK ((rule_key = '') <> (object_id = ''))
);
CREATE INDEX retention_hold_until ON retention_hold (until_on);

-- What each run did of each rule.
CREATE TABLE retention_run (
  id TEXT NOT NULL PRIMARY KEY,
  rule_key TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  cutoff_at BIGINT NOT NULL,
  erased BIGINT NOT NULL,
  anonymised BIGINT NOT NULL,
  held BIGINT NOT NULL,
  warned BIGINT NOT NULL,
  waiting BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  error TEXT NOT NULL
);
CREATE INDEX retention_run_rule ON retention_run (rule_key, started_at);
CREATE INDEX retention_run_started ON retention_run (started_at);

-- Who was told that something will be erased, when, and of which term (the instant that it began at).
CREATE TABLE retention_warning (
  rule_key TEXT NOT NULL,
  object_id TEXT NOT NULL,
  since BIGINT NOT NULL,
  warned_at BIGINT NOT NULL,
  PRIMARY KEY (rule_key, object_id)
);
