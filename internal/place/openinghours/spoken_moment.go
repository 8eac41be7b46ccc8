package openinghours

import (
	"strconv"
	"time"
)

// SpokenDate says a civil date without its year: "mardi 5 mai", "vendredi 1er mai".
func SpokenDate(d Date) string {
	return frenchDays[(int(d.Weekday())+6)%7] + " " + spokenDayNumber(uint8(d.Day)) + nbsp + frenchMonths[d.Month]
}

// SpokenMinute says a minute of the day: "9 h", "17 h 30", "minuit".
func SpokenMinute(minute int) string { return spokenTime(minute) }

// SpokenMoment says an instant on the clocks of the zone that it carries: "mardi 5 mai à 14 h". The year is said where it is
// not that of now.
func SpokenMoment(t, now time.Time) string {
	text := SpokenDate(DateOf(t))
	if t.Year() != now.In(t.Location()).Year() {
		text += nbsp + strconv.Itoa(t.Year())
	}
	return text + " à " + spokenTime(t.Hour()*60+t.Minute())
}
