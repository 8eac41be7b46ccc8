-- +goose Up

-- Rises with every change of what the public index shows; nodes compare it with what they hold.
CREATE TABLE territory_state (
  id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  version BIGINT NOT NULL
);
INSERT INTO territory_state (id, version) VALUES (1, 0);

-- Groupings of communes with their own taxation (établissement public de coopération intercommunale).
CREATE TABLE territory_epci (
  siren TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL
);

-- Communes and the municipal arrondissements of Paris, Lyon and Marseille, by INSEE code.
CREATE TABLE territory_commune (
  code TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  department TEXT NOT NULL,
  region TEXT NOT NULL,
  epci_siren TEXT NOT NULL,
  postcodes TEXT NOT NULL,
  population BIGINT,
  latitude DOUBLE PRECISION,
  longitude DOUBLE PRECISION
);

-- What a territory says of itself, by host name; the row without a host answers for every other.
CREATE TABLE territory_site (
  host TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  phone_hours TEXT NOT NULL,
  email TEXT NOT NULL,
  main_commune TEXT NOT NULL,
  action_color TEXT NOT NULL,
  publisher TEXT NOT NULL,
  director TEXT NOT NULL,
  hosting TEXT NOT NULL,
  dpo TEXT NOT NULL,
  example BOOLEAN NOT NULL
);
