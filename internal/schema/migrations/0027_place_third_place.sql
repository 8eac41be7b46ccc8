-- +goose Up

-- What a place says of its shared rooms and machines. The list is joined by "|"; '' is "not said".
ALTER TABLE place_place ADD COLUMN spaces TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN space_prices TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN space_entry TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN space_url TEXT NOT NULL DEFAULT '';
