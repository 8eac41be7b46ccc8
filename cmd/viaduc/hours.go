package main

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"time"

	"viaduc/internal/place/openinghours"
)

type placeHoursCmd struct {
	From       string `placeholder:"JOUR" help:"Premier jour, comme 2026-05-04 ; aujourd'hui si rien n'est dit."`
	To         string `placeholder:"JOUR" help:"Premier jour qui ne compte plus ; quatorze jours après le premier si rien n'est dit."`
	Null       bool   `help:"Une valeur finit par un octet nul et non par une fin de ligne : elle peut avoir plusieurs lignes."`
	Department string `default:"17" placeholder:"CODE" help:"Département du lieu : son fuseau et ses jours fériés."`
}

// longestLine bounds a line of the standard input.
const longestLine = 1 << 20

// Run reads opening hours on the standard input, one value a line, and says how each is understood.
func (c *placeHoursCmd) Run(r *run) error {
	where := openinghours.Place{Zone: openinghours.ZoneOf(c.Department), Holidays: openinghours.FrenchHolidays(c.Department)}
	from, to, err := c.window(where.Zone)
	if err != nil {
		return err
	}
	in := bufio.NewScanner(r.In)
	in.Buffer(nil, longestLine)
	if c.Null {
		in.Split(untilNull)
	}
	for in.Scan() {
		r.hours(in.Text(), where, from, to)
	}
	return in.Err()
}

// untilNull cuts the input after each NUL byte.
func untilNull(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

func (c *placeHoursCmd) window(zone *time.Location) (from, to time.Time, err error) {
	now := time.Now().In(zone)
	from = time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	if c.From != "" {
		if from, err = time.ParseInLocation(time.DateOnly, c.From, zone); err != nil {
			return from, to, usageError("écrivez le jour comme 2026-05-04.")
		}
	}
	to = from.AddDate(0, 0, 14)
	if c.To != "" {
		if to, err = time.ParseInLocation(time.DateOnly, c.To, zone); err != nil {
			return from, to, usageError("écrivez le jour comme 2026-05-04.")
		}
	}
	if to.Before(from) || to.Sub(from) > 366*24*time.Hour {
		return from, to, usageError("le dernier jour vient après le premier, un an au plus.")
	}
	return from, to, nil
}

// understood is one line of the answer, in the form of the reference reader's.
type understood struct {
	Value     string      `json:"value"`
	OK        bool        `json:"ok"`
	Canonical string      `json:"canonical,omitempty"`
	Intervals [][3]string `json:"intervals"`
	Error     string      `json:"error,omitempty"`
}

func (r *run) hours(value string, where openinghours.Place, from, to time.Time) {
	out := understood{Value: value, Intervals: [][3]string{}}
	h, err := openinghours.Parse(value)
	var wrong *openinghours.SyntaxError
	switch {
	case errors.As(err, &wrong):
		out.Error = wrong.Msg
	case err == nil:
		out.OK, out.Canonical = true, h.String()
		for _, i := range h.Intervals(where, from, to) {
			const minute = "2006-01-02T15:04"
			out.Intervals = append(out.Intervals, [3]string{i.Start.Format(minute), i.End.Format(minute), string(i.State)})
		}
	}
	switch {
	case r.json:
		r.line(out)
	case !out.OK:
		r.say("%s\n  ne se lit pas : montré tel quel", value)
	default:
		r.say("%s\n  %s", value, strings.Join(openinghours.Spoken(h), "\n  "))
	}
}
