-- +goose Up

-- People of the team are locked by a number, as contacts are: the rows that stood for them serve nothing.
DROP TABLE agenda_member;
