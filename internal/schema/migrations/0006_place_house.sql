-- +goose Up

-- What the national standard has no field for. Lists are joined by "|"; '' is "not said".
ALTER TABLE place_place ADD COLUMN offer_said TEXT NOT NULL DEFAULT '' CHECK (offer_said IN ('', 'mediator', 'self_service', 'wifi'));
ALTER TABLE place_place ADD COLUMN access TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN voucher_refused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE place_place ADD COLUMN rooms TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN languages TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN mediation_hours TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
ALTER TABLE place_place ADD COLUMN verified_on TEXT NOT NULL DEFAULT '';

-- A JSON object, column: origin, of the fields that do not come from the row's source: another source, or "ici" for what
-- somebody confirmed on this instance; '' for none.
ALTER TABLE place_place ADD COLUMN origins TEXT NOT NULL DEFAULT '';

-- An import lands in slices: true from its first slice until nodes are told (version).
ALTER TABLE place_state ADD COLUMN landing BOOLEAN NOT NULL DEFAULT FALSE;

-- What each change of a place replaced. Append-only. fields is a JSON list of {champ, avant, apres}.
CREATE TABLE place_change (
  id TEXT NOT NULL PRIMARY KEY,
  place_id TEXT NOT NULL REFERENCES place_place (id),
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  fields TEXT NOT NULL
);
CREATE INDEX place_change_place ON place_change (place_id, at);

-- What a source says otherwise than what somebody confirmed here, until somebody decides or the source agrees.
CREATE TABLE place_difference (
  place_id TEXT NOT NULL REFERENCES place_place (id),
  field TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (place_id, field, source)
);
