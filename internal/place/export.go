package place

import (
	"context"
	"encoding/csv"
	"io"

	"viaduc/internal/platform/db"
)

// ExportReport is what an export wrote.
type ExportReport struct {
	Written    int
	ToComplete int // left out: a field breaks a rule of the standard
	ToLocate   int // left out: stands nowhere
}

// ExportCSV writes the whole places as a file of the national standard: UTF-8, comma, its columns in its order, its
// exact strings. Importing it again changes nothing.
func (s *Service) ExportCSV(ctx context.Context, dst io.Writer) (ExportReport, error) {
	var rep ExportReport
	w := csv.NewWriter(dst)
	header := make([]string, len(columns))
	for i, c := range columns {
		header[i] = c.Name
	}
	if err := w.Write(header); err != nil {
		return rep, err
	}
	record := make([]string, len(columns))
	err := db.Each(ctx, s.db, scanPlace, func(p Place) error {
		switch p.Status {
		case ToLocate:
			rep.ToLocate++
			return nil
		case ToComplete:
			rep.ToComplete++
			return nil
		}
		rep.Written++
		for i, c := range columns {
			record[i] = c.Value(&p)
		}
		return w.Write(record)
	}, `SELECT `+placeCols+` FROM place_place ORDER BY number`)
	if err != nil {
		return rep, err
	}
	w.Flush()
	return rep, w.Error()
}
