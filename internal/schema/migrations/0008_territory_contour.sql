-- +goose Up

-- Outlines of communes. The geometry is packed by Go (territory/contour.go) and never looked into by SQL.
CREATE TABLE territory_contour (
  code TEXT NOT NULL PRIMARY KEY,
  geometry BYTEA NOT NULL,
  source_year BIGINT
);
