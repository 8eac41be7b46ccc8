-- +goose Up

-- What the team said at the end of a date. Rows are only added: the last of a date counts. The note is emptied when it has had its time.
CREATE TABLE agenda_closing (
  id TEXT NOT NULL PRIMARY KEY, -- made by the form or the device, so that a closing sent twice counts once
  occurrence_id TEXT NOT NULL,
  turn BIGINT NOT NULL CHECK (turn >= 1), -- 1 for the first closing of the date
  at BIGINT NOT NULL,
  heads BIGINT NOT NULL CHECK (heads BETWEEN 0 AND 500), -- people without a name, as said then
  note TEXT NOT NULL,
  by_actor TEXT NOT NULL
);
CREATE UNIQUE INDEX agenda_closing_turn ON agenda_closing (occurrence_id, turn);

-- How many of the people without a name were of a kind.
CREATE TABLE agenda_closing_count (
  closing_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('first', 'young', 'older')),
  n BIGINT NOT NULL CHECK (n BETWEEN 1 AND 500),
  PRIMARY KEY (closing_id, kind)
);
