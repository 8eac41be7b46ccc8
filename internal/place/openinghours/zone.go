package openinghours

import (
	"sync"
	"time"
)

// ZoneOf returns the time zone of a department or territory given by its INSEE code; a code of
// mainland France, of Corsica, empty or unknown has Europe/Paris. French Polynesia (987) spans three
// zones: the one of Tahiti stands for all. The zone data comes from the system or from the importing
// program (time/tzdata); where there is none, UTC is returned. The same code gives the same pointer.
func ZoneOf(department string) *time.Location {
	if load, ok := overseas[department]; ok {
		return load()
	}
	return mainland()
}

var mainland = zone("Europe/Paris")

// overseas are the zones of the territories that do not keep the time of Paris.
var overseas = map[string]func() *time.Location{
	"971": zone("America/Guadeloupe"),
	"972": zone("America/Martinique"),
	"973": zone("America/Cayenne"),
	"974": zone("Indian/Reunion"),
	"975": zone("America/Miquelon"),
	"976": zone("Indian/Mayotte"),
	"977": zone("America/St_Barthelemy"),
	"978": zone("America/Marigot"),
	"986": zone("Pacific/Wallis"),
	"987": zone("Pacific/Tahiti"),
	"988": zone("Pacific/Noumea"),
}

// zone loads a zone once, at the first need: reading one costs a file access, a search asks thousands of times.
func zone(name string) func() *time.Location {
	return sync.OnceValue(func() *time.Location {
		z, err := time.LoadLocation(name)
		if err != nil {
			return time.UTC
		}
		return z
	})
}
