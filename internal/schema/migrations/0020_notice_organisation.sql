-- +goose Up

-- Whose message it is: an organisation sees those it sends, and calls the people that no machine reached. Empty is the
-- territory itself, whose messages its administrators see.
ALTER TABLE notice_message ADD COLUMN organisation TEXT NOT NULL DEFAULT '';
