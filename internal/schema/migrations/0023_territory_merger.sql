-- +goose Up

-- Codes of communes that became others on a day (2019-01-01). kind is 'merged', or 'restored' where old_code is a commune
-- again from that day on; new_code is then what it was part of.
CREATE TABLE territory_merger (
  old_code TEXT NOT NULL,
  on_day TEXT NOT NULL,
  new_code TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('merged', 'restored')),
  PRIMARY KEY (old_code, on_day, kind)
);
