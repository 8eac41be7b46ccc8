package travel

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	nbsp  = "\u00a0" // before a unit
	nnbsp = "\u202f" // between thousands
)

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return grouped(n/1000) + nnbsp + fmt.Sprintf("%03d", n%1000)
}

// count writes a number and its noun, in the plural from two on.
func count(n int, noun string) string {
	if n > 1 {
		noun += "s"
	}
	return grouped(n) + " " + noun
}

// to writes "à" and the name of a commune: à Anduze, au Martinet, aux Mages, à La Grand-Combe.
func to(name string) string {
	if rest, ok := strings.CutPrefix(name, "Le "); ok {
		return "au " + rest
	}
	if rest, ok := strings.CutPrefix(name, "Les "); ok {
		return "aux " + rest
	}
	return "à " + name
}

var (
	frenchDays = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	// otherHalf says the stop of the other half of a day, and that half.
	otherStop = map[Half]string{Morning: "l'arrêt de l'après-midi", Afternoon: "l'arrêt du matin"}
	otherHalf = map[Half]string{Morning: "l'après-midi", Afternoon: "le matin"}
)

func sayRoad(t Trip, from origin, half Half) string {
	where := otherStop[half]
	if from.base {
		where = "le départ de l'équipe"
	}
	if from.Name != "" {
		where += " " + to(from.Name)
	}
	switch {
	case !t.Known():
		return "La durée de la route depuis " + where + " n'est pas connue"
	case t.Minutes == 0 && from.base:
		return "L'équipe part de là"
	case t.Minutes == 0:
		return "L'équipe y est déjà " + otherHalf[half]
	case t.Basis == Estimated:
		return "Environ " + count(t.Minutes, "minute") + " de route depuis " + where
	}
	return count(t.Minutes, "minute") + " de route depuis " + where
}

func sayLoad(load, most int) string {
	return fmt.Sprintf("L'équipe fait %s sur %d", count(load, "demi-journée"), most)
}

func (d distance) say() string {
	switch km := int(math.Round(float64(d) / 1000)); {
	case d == noHelp:
		return "Aucune aide n'est connue un autre jour"
	case d == unknownHelp:
		return "La distance de l'aide la plus proche n'est pas connue"
	case km == 0:
		return "L'aide la plus proche est à moins de 1" + nbsp + "km"
	default:
		return "L'aide la plus proche est à " + grouped(km) + nbsp + "km"
	}
}

func sayWanted(day time.Weekday, wanted bool) string {
	if wanted {
		return "Le " + frenchDays[day] + " est un jour souhaité"
	}
	return "Le " + frenchDays[day] + " n'est pas un jour souhaité"
}

// sayNeed says how many people are over 60, and of how many where that is known.
func sayNeed(over60, population int) string {
	text := count(over60, "habitant") + " de plus de 60 ans"
	if population >= over60 {
		text += " sur " + grouped(population)
	}
	return text
}
