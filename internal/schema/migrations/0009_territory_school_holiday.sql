-- +goose Up

-- School holidays by zone of vacation, as decrees fix them; days are written 2026-10-18, both ends are without school.
CREATE TABLE territory_school_holiday (
  zone TEXT NOT NULL,
  name TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  PRIMARY KEY (zone, starts_on),
  CHECK (ends_on >= starts_on)
);
