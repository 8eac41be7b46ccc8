-- +goose Up

-- "À vérifier": a file that was said to be complete for the source of this place no longer had it. The status stays what
-- the fields say; the mark goes when a later file has the place again.
ALTER TABLE place_place ADD COLUMN to_check BOOLEAN NOT NULL DEFAULT FALSE;
