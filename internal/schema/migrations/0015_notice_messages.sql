-- +goose Up

-- One thing told, or to be told, to one person by one channel. No name: the recipient is an opaque reference, and the
-- ways to reach them go as soon as the message has ended.
CREATE TABLE notice_message (
  id TEXT NOT NULL PRIMARY KEY,
  event TEXT NOT NULL, -- what kind of fact: agenda.reminder
  event_key TEXT NOT NULL, -- which fact: a person is told once by each channel
  recipient TEXT NOT NULL, -- reference of another module, or the fingerprint of a contact
  channel TEXT NOT NULL CHECK (channel IN ('email', 'sms', 'call', 'letter', 'slip')),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'by_hand', 'told', 'diverted', 'failed', 'expired', 'cancelled')), -- cache of the last receipt
  lang TEXT NOT NULL,
  email TEXT NOT NULL, -- these three are empty once the message has ended
  phone TEXT NOT NULL,
  postal TEXT NOT NULL,
  contact_hash TEXT NOT NULL, -- fingerprint of the contact of this channel, for who says stop
  stop_hash TEXT NOT NULL, -- fingerprint of the link that says stop; empty where there is none
  texts TEXT NOT NULL, -- JSON, by channel; empty once erased
  not_before BIGINT NOT NULL,
  useful_until BIGINT NOT NULL, -- never sent after
  failures BIGINT NOT NULL,
  actor TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL, -- 0 while it waits
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX notice_message_once ON notice_message (event, event_key, recipient, channel) WHERE state <> 'cancelled';
CREATE INDEX notice_message_recipient ON notice_message (recipient);
CREATE INDEX notice_message_state ON notice_message (state, useful_until);
CREATE INDEX notice_message_created ON notice_message (created_at, id);
CREATE INDEX notice_message_ended ON notice_message (ended_at, id);
CREATE INDEX notice_message_stop ON notice_message (stop_hash);

-- What happened to a message, in order: never changed, but for the provider's id when a person is forgotten. The costs of a month add up to what its meter says.
CREATE TABLE notice_receipt (
  id TEXT NOT NULL PRIMARY KEY,
  message_id TEXT NOT NULL REFERENCES notice_message (id),
  at BIGINT NOT NULL,
  channel TEXT NOT NULL,
  result TEXT NOT NULL,
  provider TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  segments BIGINT NOT NULL, -- negative where a reservation is given back
  cost_millis BIGINT NOT NULL, -- thousandths of a euro; negative where a reservation is given back
  month TEXT NOT NULL, -- of the cost: 2026-05
  error TEXT NOT NULL, -- a code, never a sentence
  actor TEXT NOT NULL
);
CREATE INDEX notice_receipt_message ON notice_receipt (message_id, at, id);
CREATE INDEX notice_receipt_month ON notice_receipt (month);

-- What the owner of a telephone or a mailbox asked for. The contact itself is not kept.
CREATE TABLE notice_preference (
  contact_hash TEXT NOT NULL PRIMARY KEY,
  rather_call BOOLEAN NOT NULL,
  lang TEXT NOT NULL, -- empty: not said
  stopped_at BIGINT NOT NULL, -- 0: not stopped
  changed_at BIGINT NOT NULL
);

-- What text messages cost in a month, and what they may cost.
CREATE TABLE notice_meter (
  month TEXT NOT NULL PRIMARY KEY, -- 2026-05
  cap_cents BIGINT NOT NULL CHECK (cap_cents >= 0),
  spent_millis BIGINT NOT NULL, -- sum of the receipts of the month, claimed by a conditional write
  changed_at BIGINT NOT NULL
);
