-- +goose Up

-- One row: version rises with every change of a place (nodes compare it with what they hold); last_number is the last
-- public number given. Every change of places touches it first, which serialises imports.
CREATE TABLE place_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL,
  last_number BIGINT NOT NULL
);
INSERT INTO place_state (id, version, last_number) VALUES (1, 0, 0);

-- A place where people are helped with digital matters. Lists are joined by "|" as in the national standard; '' is
-- "not said".
CREATE TABLE place_place (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  standard_id TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL CHECK (status IN ('published', 'to_complete', 'to_locate')),
  pivot TEXT NOT NULL,
  name TEXT NOT NULL,
  commune TEXT NOT NULL,
  postcode TEXT NOT NULL,
  commune_code TEXT NOT NULL,
  address TEXT NOT NULL,
  address_extra TEXT NOT NULL,
  latitude DOUBLE PRECISION,
  longitude DOUBLE PRECISION,
  kinds TEXT NOT NULL,
  phone TEXT NOT NULL,
  emails TEXT NOT NULL,
  websites TEXT NOT NULL,
  hours TEXT NOT NULL,
  summary TEXT NOT NULL,
  description TEXT NOT NULL,
  source TEXT NOT NULL,
  itinerance TEXT NOT NULL,
  parent_organisation TEXT NOT NULL,
  updated_on TEXT NOT NULL,
  services TEXT NOT NULL,
  audiences TEXT NOT NULL,
  special_care TEXT NOT NULL,
  fees TEXT NOT NULL,
  programmes TEXT NOT NULL,
  labels TEXT NOT NULL,
  other_labels TEXT NOT NULL,
  access_modes TEXT NOT NULL,
  support_modes TEXT NOT NULL,
  accessibility_url TEXT NOT NULL,
  booking_url TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
