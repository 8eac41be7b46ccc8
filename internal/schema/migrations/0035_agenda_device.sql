-- +goose Up

-- A device on which somebody keeps the day, to work without network.
CREATE TABLE agenda_device (
  id TEXT NOT NULL PRIMARY KEY, -- made on the device
  account_id TEXT NOT NULL,
  session_id TEXT NOT NULL, -- that last fetched a day: a session that is taken away takes the device with it
  name TEXT NOT NULL, -- kind of browser
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  lost_at BIGINT NOT NULL -- 0 while it is in its owner's hands
);
CREATE INDEX agenda_device_account ON agenda_device (account_id, seen_at);
CREATE INDEX agenda_device_seen ON agenda_device (seen_at, id);

-- What was done on a device, as it was received: one row each, whatever became of it. Sent twice, it is the same row.
CREATE TABLE agenda_action (
  id TEXT NOT NULL PRIMARY KEY, -- made on the device
  device_id TEXT NOT NULL,
  seq BIGINT NOT NULL, -- order on the device
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('mark', 'head', 'close')),
  occurrence_id TEXT NOT NULL,
  claim_id TEXT NOT NULL, -- '' where it is about nobody
  wanted TEXT NOT NULL, -- a state of a claim, or 1 or -1
  seen BIGINT NOT NULL, -- version that the device knew of what it changed
  done_at BIGINT NOT NULL, -- by the clock of the device, never later than received
  received_at BIGINT NOT NULL,
  result TEXT NOT NULL CHECK (result IN ('done', 'same', 'late', 'conflict', 'refused')),
  why TEXT NOT NULL, -- key of the sentence, where it was refused
  left_version BIGINT NOT NULL, -- version of what it changed, once applied; 0 where it was not
  settled_at BIGINT NOT NULL -- when somebody decided on a conflict; 0 while it is open
);
CREATE INDEX agenda_action_claim ON agenda_action (claim_id, device_id);
CREATE INDEX agenda_action_occurrence ON agenda_action (occurrence_id, device_id);
CREATE INDEX agenda_action_open ON agenda_action (account_id) WHERE result = 'conflict' AND settled_at = 0;
CREATE INDEX agenda_action_received ON agenda_action (received_at, id);
