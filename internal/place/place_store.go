package place

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/platform/db"
	"viaduc/internal/territory"
)

func version(ctx context.Context, q db.Querier) (int64, error) {
	return db.One(ctx, q, db.Value[int64], `SELECT version FROM place_state WHERE id = 1`)
}

// touch makes this the only writer of places until its transaction ends, and returns the last public number given.
func touch(ctx context.Context, tx *db.Tx) (Number, error) {
	if _, err := db.Exec(ctx, tx, `UPDATE place_state SET last_number = last_number WHERE id = 1`); err != nil {
		return 0, err
	}
	return db.One(ctx, tx, db.Value[Number], `SELECT last_number FROM place_state WHERE id = 1`)
}

// saveState raises the version, so that every node reads again, and keeps the last public number given.
func saveState(ctx context.Context, tx *db.Tx, last Number) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_state SET version = version + 1, last_number = $1 WHERE id = 1`, int64(last))
	return err
}

// saveLanding keeps the last public number given and says that something landed which nodes are not told of yet.
func saveLanding(ctx context.Context, tx *db.Tx, last Number) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_state SET last_number = $1, landing = TRUE WHERE id = 1`, int64(last))
	return err
}

// saveLanded raises the version once every slice has landed.
func saveLanded(ctx context.Context, tx *db.Tx) error {
	_, err := db.Exec(ctx, tx, `UPDATE place_state SET version = version + 1, landing = FALSE WHERE id = 1 AND landing`)
	return err
}

// Landing reports whether an import is landing in slices at this moment, or was killed while it did.
func (s *Service) Landing(ctx context.Context) (bool, error) {
	return db.One(ctx, s.db, db.Value[bool], `SELECT landing FROM place_state WHERE id = 1`)
}

// standardCols are the columns of place_place that hold the fields of the standard, in the order of standard; latitude
// and longitude stand among them.
const standardCols = `standard_id, pivot, name, commune, postcode, commune_code, address, address_extra, latitude, longitude,
	kinds, phone, emails, websites, hours, summary, description, source, itinerance, parent_organisation, updated_on, services,
	audiences, special_care, fees, programmes, labels, other_labels, access_modes, support_modes, accessibility_url, booking_url`

// localCols hold our own fields. voucher_refused is all there is of viaduc_pass: a place that takes it has the label.
const localCols = `offer_said, access, voucher_refused, rooms, languages, mediation_hours, owner_id, verified_on,
	spaces, space_prices, space_entry, space_url`

const placeCols = `id, number, status, to_check, ` + standardCols + `, ` + localCols + `, origins, version, merged_into`

// placeWidth is how many values a whole row has, with created_at and changed_at.
const placeWidth = 4 + 32 + 12 + 3 + 2

func scanPlace(r db.Row) (Place, error) {
	var p Place
	var lat, lon *float64
	var origins string
	err := r.Scan(&p.ID, &p.Number, &p.Status, &p.ToCheck,
		&p.StandardID, &p.Pivot, &p.Name, &p.Commune, &p.Postcode, &p.CommuneCode, &p.Address, &p.AddressExtra, &lat, &lon,
		&p.Kinds, &p.Phone, &p.Emails, &p.Websites, &p.Hours, &p.Summary, &p.Description, &p.Source, &p.Itinerance, &p.ParentOrganisation, &p.UpdatedOn, &p.Services,
		&p.Audiences, &p.SpecialCare, &p.Fees, &p.Programmes, &p.Labels, &p.OtherLabels, &p.AccessModes, &p.SupportModes, &p.AccessibilityURL, &p.BookingURL,
		&p.OfferSaid, &p.Access, &p.VoucherRefused, &p.Rooms, &p.Languages, &p.MediationHours, &p.OwnerID, &p.VerifiedOn,
		&p.Spaces, &p.SpacePrices, &p.SpaceEntry, &p.SpaceURL, &origins, &p.Version, &p.MergedInto)
	if err != nil {
		return p, err
	}
	if lat != nil && lon != nil {
		p.Point = territory.Point{Lat: *lat, Lon: *lon}
	}
	p.Origins, err = originsOf(origins)
	return p, err
}

func listPlaces(ctx context.Context, q db.Querier) ([]Place, error) {
	return db.All(ctx, q, scanPlace, `SELECT `+placeCols+` FROM place_place ORDER BY number`)
}

// placesByStandardID returns the stored places among ids.
func placesByStandardID(ctx context.Context, q db.Querier, ids []string) (map[string]Place, error) {
	out := make(map[string]Place, len(ids))
	err := placesBy(ctx, q, "standard_id", ids, func(p Place) { out[p.StandardID] = p })
	return out, err
}

// placesByID returns the stored places among ids.
func placesByID(ctx context.Context, q db.Querier, ids []ID) (map[ID]Place, error) {
	out := make(map[ID]Place, len(ids))
	err := placesBy(ctx, q, "id", ids, func(p Place) { out[p.ID] = p })
	return out, err
}

// placesBy gives fn the places whose column is one of ids.
func placesBy[T ~string](ctx context.Context, q db.Querier, column string, ids []T, fn func(Place)) error {
	for part := range slices.Chunk(ids, db.MaxParams(q.Engine())) {
		marks := make([]string, len(part))
		args := make([]any, len(part))
		for i, id := range part {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), string(id)
		}
		found, err := db.All(ctx, q, scanPlace, `SELECT `+placeCols+` FROM place_place WHERE `+column+` IN (`+strings.Join(marks, ",")+`)`, args...)
		if err != nil {
			return err
		}
		for _, p := range found {
			fn(p)
		}
	}
	return nil
}

func placeByNumber(ctx context.Context, q db.Querier, n Number) (Place, error) {
	return db.One(ctx, q, scanPlace, `SELECT `+placeCols+` FROM place_place WHERE number = $1`, int64(n))
}

// putPlaces inserts places, or replaces what those of the same id say.
func putPlaces(ctx context.Context, tx *db.Tx, places []Place, at time.Time) error {
	rows := make([][]any, 0, len(places))
	for i := range places {
		rows = append(rows, placeRow(&places[i], db.Micros(at)))
	}
	return db.InsertMany(ctx, tx, "place_place ("+placeCols+", created_at, changed_at)", placeWidth, rows, onConflict)
}

// onConflict replaces everything but the identity and the birth of a place.
var onConflict = func() string {
	var b strings.Builder
	b.WriteString("ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at")
	for _, c := range strings.FieldsFunc(strings.TrimPrefix(placeCols, "id, number, "), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		if c == "version" { // one more with each change, whatever the caller read
			b.WriteString(", version = place_place.version + 1")
			continue
		}
		b.WriteString(", " + c + " = excluded." + c)
	}
	return b.String()
}()

func placeRow(p *Place, at int64) []any {
	row := make([]any, 0, placeWidth)
	row = append(row, string(p.ID), int64(p.Number), string(p.Status), p.ToCheck)
	for _, c := range standard {
		switch {
		case c.text != nil:
			row = append(row, *c.text(p))
		case c.list != nil:
			row = append(row, string(*c.list(p)))
		case !p.Point.Known():
			row = append(row, nil)
		case c.Name == "latitude":
			row = append(row, p.Point.Lat)
		default:
			row = append(row, p.Point.Lon)
		}
	}
	return append(row, string(p.OfferSaid), string(p.Access), p.VoucherRefused, string(p.Rooms), string(p.Languages), p.MediationHours, p.OwnerID, p.VerifiedOn,
		string(p.Spaces), p.SpacePrices, p.SpaceEntry, p.SpaceURL, p.Origins.text(), p.Version, string(p.MergedInto), at, at)
}
