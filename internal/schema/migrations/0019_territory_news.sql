-- +goose Up

-- What a territory tells its residents. Days are civil dates; ends_on is the last one it is shown, '' for always.
CREATE TABLE territory_news (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  version BIGINT NOT NULL
);
CREATE INDEX territory_news_starts ON territory_news (starts_on, number);
