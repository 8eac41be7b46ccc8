-- +goose Up

-- What remains to be done after a transaction: one row a job, done at least once by some node.
CREATE TABLE jobs_job (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  unique_key TEXT NOT NULL, -- at most one job of a kind has it; the id where nobody asked for a key
  payload TEXT NOT NULL, -- JSON; empty once done
  state TEXT NOT NULL CHECK (state IN ('ready', 'running', 'done', 'dead')),
  run_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  lease TEXT NOT NULL, -- who runs it, new at each attempt; empty when nobody does
  lease_until BIGINT NOT NULL,
  error TEXT NOT NULL, -- why the last attempt failed
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL -- done or dead since; 0 before
);
CREATE UNIQUE INDEX jobs_job_key ON jobs_job (kind, unique_key);
CREATE INDEX jobs_job_ready ON jobs_job (run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_job_running ON jobs_job (lease_until) WHERE state = 'running';
CREATE INDEX jobs_job_ended ON jobs_job (state, ended_at);

-- What is done again and again: one row a task, moved forward by the node that enqueues its job.
CREATE TABLE jobs_schedule (
  name TEXT NOT NULL PRIMARY KEY,
  rule TEXT NOT NULL,
  next_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL -- the last time it was due; 0 before the first
);
