package travel

import (
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"viaduc/internal/platform/table"
)

// Columns of a table of times. Others are passed over, and km may be missing.
const (
	colFrom    = "code_depart"
	colTo      = "code_arrivee"
	colMinutes = "minutes"
	colKm      = "km"
)

// Report is what ReadMatrix found in a file.
type Report struct {
	Read     int           // rows, header left out
	Legs     int           // times taken over
	Communes int           // that have a time
	Repeated int           // rows that say again what another said
	Own      int           // rows from a commune to itself that say 0
	Warnings int           // rows kept, though km and minutes do not go together
	Issues   []table.Issue // warnings, or what makes the file refused; the first maxIssues in the order of the file
}

// maxIssues is how much of what is wrong with a file is told: nobody reads more before mending it.
const maxIssues = 100

// RefusedError says that a file of times was not taken over, and why. Issues is never empty.
type RefusedError struct {
	Issues []table.Issue
}

// Error is the first thing to mend, as one sentence in French with its line and its column.
func (r *RefusedError) Error() string {
	i := r.Issues[0]
	if i.Field == "" {
		return fmt.Sprintf("Ligne %d : %s", i.Line, i.Message)
	}
	return fmt.Sprintf("Ligne %d, colonne %s : %s", i.Line, i.Field, i.Message)
}

// ReadMatrix reads a table of times. The file is taken whole or not at all: the Matrix is nil when there is an error. It
// reports a *table.Problem for what is no table, and a *RefusedError, whose issues are those of the Report, for rows that
// cannot be. It stops at the row after MaxRows and at maxIssues refusals.
func ReadMatrix(src io.Reader) (*Matrix, Report, error) {
	t, err := table.NewReader(src)
	if err != nil {
		return nil, Report{}, err
	}
	f := &matrixFile{table: t, matrix: emptyMatrix()}
	if f.columns() {
		err = f.rows()
	}
	switch {
	case err != nil:
		return nil, Report{}, err
	case len(f.refused) > 0:
		f.report = Report{Read: f.report.Read, Issues: f.refused}
		return nil, f.report, &RefusedError{Issues: f.refused}
	}
	f.report.Legs, f.report.Communes = f.matrix.Len(), f.matrix.communes()
	return f.matrix, f.report, nil
}

// matrixFile is a table of times being read.
type matrixFile struct {
	table                 *table.Reader
	from, to, minutes, km int // where the columns stand; km is -1 where there is none
	matrix                *Matrix
	report                Report
	refused               []table.Issue
}

func (f *matrixFile) columns() bool {
	f.km = f.table.Column(colKm)
	for _, c := range []struct {
		name string
		at   *int
	}{{colFrom, &f.from}, {colTo, &f.to}, {colMinutes, &f.minutes}} {
		if *c.at = f.table.Column(c.name); *c.at < 0 {
			f.refuse(1, c.name, "missing", "", "La première ligne doit nommer les colonnes code_depart, code_arrivee et minutes.")
		}
	}
	return len(f.refused) == 0
}

func (f *matrixFile) rows() error {
	for len(f.refused) < maxIssues {
		rec, err := f.table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if f.report.Read++; f.report.Read > MaxRows {
			f.refuse(f.table.Line(), "", "too_many", "", "Le fichier a plus d'un million de lignes. Gardez les communes du territoire et ses voisines.")
			return nil
		}
		f.row(rec)
	}
	if f.report.Read == 0 {
		f.refuse(1, "", "missing", "", "Le fichier n'a aucun temps de trajet sous ses titres de colonnes.")
	}
	return nil
}

// row takes one row over, or says why it cannot be.
func (f *matrixFile) row(rec []string) {
	from, ok1 := f.code(colFrom, rec[f.from])
	to, ok2 := f.code(colTo, rec[f.to])
	minutes, ok3 := f.number(colMinutes, rec[f.minutes], MaxMinutes, "Le temps est un nombre de minutes, de 0 à 600.")
	if !ok1 || !ok2 || !ok3 {
		return
	}
	if !f.distance(rec, minutes) {
		return
	}
	l := Leg{from, to, int(math.Ceil(minutes))}
	if from == to && l.Minutes == 0 {
		f.report.Own++
		return
	}
	switch had, told := f.matrix.set(l); {
	case told && had != l.Minutes:
		f.refuse(f.table.Line(), colMinutes, "unique", rec[f.minutes], fmt.Sprintf("Ce trajet est déjà plus haut dans le fichier, avec %d minutes. Gardez une seule ligne.", had))
	case told:
		f.report.Repeated++
	}
}

func (f *matrixFile) code(field, cell string) (string, bool) {
	code := strings.ToUpper(strings.TrimSpace(cell))
	if f.matrix.knows(code) {
		return code, true
	}
	message := "Le code INSEE a cinq signes, comme 30007 ou 2A004."
	if len(code) == 4 {
		message += " Un tableur a peut-être ôté le zéro du début."
	}
	f.refuse(f.table.Line(), field, "pattern", cell, message)
	return "", false
}

var decimal = regexp.MustCompile(`^\d{1,9}([.,]\d{1,9})?$`)

// number reads a number between 0 and most, with a point or a comma.
func (f *matrixFile) number(field, cell string, most float64, message string) (float64, bool) {
	cell = strings.TrimSpace(cell)
	rule := "pattern"
	if decimal.MatchString(cell) {
		n, err := strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 64)
		if err == nil && n <= most {
			return n, true
		}
		rule = "range"
	} else if cell == "" {
		rule = "missing"
	}
	f.refuse(f.table.Line(), field, rule, cell, message)
	return 0, false
}

// A trip within these bounds goes by road; below shortest, minutes are too coarse to tell.
const (
	maxKm       = 2000
	shortest    = 2   // km
	fastest     = 130 // km/h
	slowest     = 10  // km/h
	minutesHour = 60
)

// distance reads km, where the file has it, and warns when the minutes cannot be those of a road that long. It reports
// false when km is no distance.
func (f *matrixFile) distance(rec []string, minutes float64) bool {
	if f.km < 0 || strings.TrimSpace(rec[f.km]) == "" {
		return true
	}
	km, ok := f.number(colKm, rec[f.km], maxKm, "La distance est un nombre de kilomètres, de 0 à 2000. Elle peut rester vide.")
	if !ok {
		return false
	}
	if km >= shortest && (km*minutesHour > fastest*math.Ceil(minutes) || km*minutesHour < slowest*minutes) {
		f.report.Warnings++
		if len(f.report.Issues) < maxIssues {
			f.report.Issues = append(f.report.Issues, f.issue(f.table.Line(), colMinutes, "plausible", rec[f.minutes],
				"Ce temps ne va pas avec la distance. Vérifiez que la colonne compte bien des minutes."))
		}
	}
	return true
}

func (f *matrixFile) refuse(line int, field, rule, value, message string) {
	f.refused = append(f.refused, f.issue(line, field, rule, value, message))
}

func (f *matrixFile) issue(line int, field, rule, value, message string) table.Issue {
	if r := []rune(value); len(r) > 200 {
		value = string(r[:200])
	}
	return table.Issue{Line: line, Field: field, Rule: rule, Value: value, Message: message}
}
