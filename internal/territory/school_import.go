package territory

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/table"
)

// schoolColumns are the columns that a file of school holidays must have. Others are passed over.
var schoolColumns = []string{"zone", "name", "start", "end_inclusive"}

// longestHoliday bounds a holiday in days: the longest closing on record, that of spring 2020, had 45; summers have 60.
const longestHoliday = 100

// SchoolReport is what ImportSchoolHolidays did. Rejected and Warnings stay zero: a file is taken whole or not at all.
type SchoolReport struct {
	table.Counts
	Removed int // holidays that the file no longer has
}

// ImportSchoolHolidays reads school holidays from a CSV file (columns: see docs/fr/vacances-scolaires.md). For each zone
// that it names, the file says all there is from its first day to its last: what the database has of the zone between the
// two and the file has not is removed, what lies before or after stays. Nothing changes unless the whole file is sound. It
// reports a *table.Problem for what is no table, and fault.Invalid (territory.not_school_holidays, territory.school_*)
// for a missing column and for the first line that cannot be.
func (s *Service) ImportSchoolHolidays(ctx context.Context, by audit.Actor, src io.Reader) (SchoolReport, error) {
	list, err := readSchoolHolidays(src)
	if err != nil {
		return SchoolReport{}, err
	}
	var rep SchoolReport
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		have, err := listSchoolHolidays(ctx, tx)
		if err != nil {
			return err
		}
		var changed, gone []SchoolHoliday
		changed, gone, rep = compareSchool(have, list)
		if len(changed)+len(gone) == 0 {
			return nil
		}
		if err := raise(ctx, tx); err != nil {
			return err
		}
		for _, h := range gone {
			if err := deleteSchoolHoliday(ctx, tx, h); err != nil {
				return err
			}
		}
		if err := putSchoolHolidays(ctx, tx, changed); err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{
			Actor: by, Action: "territory.school_holidays", Object: audit.Object{Kind: "school_holidays"},
			Detail: map[string]string{"créées": strconv.Itoa(rep.Created), "modifiées": strconv.Itoa(rep.Updated), "retirées": strconv.Itoa(rep.Removed)},
		})
	})
	return rep, err
}

// compareSchool says what to write and what to remove for the database to hold what the file says.
func compareSchool(have, file []SchoolHoliday) (changed, gone []SchoolHoliday, rep SchoolReport) {
	type key struct{ zone, starts string }
	stored := map[key]SchoolHoliday{}
	for _, h := range have {
		stored[key{h.Zone, h.StartsOn}] = h
	}
	rep.Read = len(file)
	known := map[key]bool{}
	first, last := map[string]string{}, map[string]string{}
	for _, h := range file {
		k := key{h.Zone, h.StartsOn}
		known[k] = true
		if first[h.Zone] == "" || h.StartsOn < first[h.Zone] {
			first[h.Zone] = h.StartsOn
		}
		last[h.Zone] = max(last[h.Zone], h.EndsOn)
		switch old, ok := stored[k]; {
		case !ok:
			rep.Created++
		case old == h:
			rep.Unchanged++
			continue
		default:
			rep.Updated++
		}
		changed = append(changed, h)
	}
	for _, h := range have {
		if from, ok := first[h.Zone]; ok && !known[key{h.Zone, h.StartsOn}] && h.StartsOn >= from && h.StartsOn <= last[h.Zone] {
			gone = append(gone, h)
		}
	}
	rep.Removed = len(gone)
	return changed, gone, rep
}

func readSchoolHolidays(src io.Reader) ([]SchoolHoliday, error) {
	r, err := table.NewReader(src)
	if err != nil {
		return nil, err
	}
	var at [4]int
	var missing []string
	for i, name := range schoolColumns {
		if at[i] = r.Column(name); at[i] < 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fault.New(fault.Invalid, "territory.not_school_holidays", "Columns", strings.Join(missing, ", "))
	}
	var list []SchoolHoliday
	seen := map[string]bool{}
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		var cell [4]string
		for i := range cell {
			cell[i] = strings.TrimSpace(rec[at[i]])
		}
		h := SchoolHoliday{Zone: cell[0], Name: cell[1], StartsOn: cell[2], EndsOn: cell[3]}
		if err := h.check(r.Line()); err != nil {
			return nil, err
		}
		if k := h.Zone + "|" + h.StartsOn; seen[k] {
			return nil, fault.New(fault.Invalid, "territory.school_twice", "Line", r.Line(), "Zone", h.Zone, "Day", h.StartsOn)
		} else {
			seen[k] = true
		}
		list = append(list, h)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "territory.school_none")
	}
	return list, nil
}

// check reports what cannot be in one line of a file.
func (h SchoolHoliday) check(line int) error {
	if !slices.Contains(SchoolZones(), h.Zone) {
		return fault.New(fault.Invalid, "territory.school_zone", "Line", line, "Value", clipped(h.Zone), "Zones", strings.Join(SchoolZones(), ", "))
	}
	if h.Name == "" {
		return fault.New(fault.Invalid, "territory.school_name", "Line", line)
	}
	var days [2]time.Time
	for i, value := range []string{h.StartsOn, h.EndsOn} {
		t, err := time.Parse(time.DateOnly, value)
		if err != nil {
			return fault.New(fault.Invalid, "territory.school_day", "Line", line, "Value", clipped(value))
		}
		days[i] = t
	}
	switch n := dayNumber(days[1]) - dayNumber(days[0]) + 1; {
	case n < 1:
		return fault.New(fault.Invalid, "territory.school_order", "Line", line, "From", h.StartsOn, "To", h.EndsOn)
	case n > longestHoliday:
		return fault.New(fault.Invalid, "territory.school_long", "Line", line, "From", h.StartsOn, "To", h.EndsOn, "Most", longestHoliday)
	}
	return nil
}

// clipped keeps what a refusal repeats of a file within one line.
func clipped(value string) string {
	if r := []rune(value); len(r) > 40 {
		return string(r[:40])
	}
	return value
}
