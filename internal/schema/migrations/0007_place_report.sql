-- +goose Up

-- "Signaler une erreur": what a resident says is wrong about a place, without an account. topics are joined by "|";
-- contact is how to reach who wrote it, '' when she did not say or once it was erased.
CREATE TABLE place_report (
  id TEXT NOT NULL PRIMARY KEY,
  place_id TEXT NOT NULL REFERENCES place_place (id),
  reference TEXT NOT NULL UNIQUE,
  at BIGINT NOT NULL,
  topics TEXT NOT NULL,
  text TEXT NOT NULL,
  contact TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dismissed')),
  closed_at BIGINT,
  CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX place_report_place ON place_report (place_id);
CREATE INDEX place_report_at ON place_report (at);
