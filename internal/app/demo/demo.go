// Package demo holds the example data of the demonstration: communes, places and a site, ready to show on every page.
//
// # What it is
//
//   - communes.csv: 48 communes of Charente-Maritime (17), in the columns of "viaduc geo import". These are facts: code,
//     name, grouping, postal codes and population of INSEE, centres computed from the contours of IGN (Licence Ouverte).
//   - Outlines: cells drawn around the centres of those communes, which stand for their outlines.
//   - vacances.csv: the school holidays of zone A, which the département is in, for two school years, in the columns of
//     "viaduc geo holidays". These are facts too, from the calendar that the ministry of education publishes (code de
//     l'éducation, art. L521-1). A stretch begins on the day after the last lesson.
//   - lieux.csv: 62 places in those communes, in the national standard, version 1. They are invented: names, streets,
//     hours, prices and words belong to nobody. They are drawn so that every page has something to show: the nine
//     services, the three types of offer and places that say none, many forms of hours, full records and bare ones.
//     Nine communes have no place, so that pages can also send to a neighbour.
//   - Site: what the example territory says of itself. Example is true, so that every page says that nothing is real.
//
// # Nobody can be reached by mistake
//
//   - Telephones begin with 05 36 49, a range that Arcep keeps for works of fiction; no line answers there.
//   - Mail and web addresses end in .example, a name that RFC 2606 keeps out of the network for ever.
//   - Organisation numbers are fourteen zeros, which means "unknown" in the standard.
//   - Positions are drawn at random within the contours of the commune and 3 km of its centre, not at the door of a building.
//
// # What it does not do
//
// It must not be loaded beside real data: Load replaces the site that answers for every host name.
package demo

import (
	"bytes"
	"context"
	_ "embed" // the three files
	"fmt"
	"io"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
)

//go:embed communes.csv
var communes []byte

//go:embed vacances.csv
var holidays []byte

//go:embed lieux.csv
var places []byte

// Communes returns the file of communes from its start.
func Communes() io.Reader { return bytes.NewReader(communes) }

// Holidays returns the file of school holidays from its start.
func Holidays() io.Reader { return bytes.NewReader(holidays) }

// Places returns the file of places from its start.
func Places() io.Reader { return bytes.NewReader(places) }

// Site returns what the example territory says of itself. It answers for every host name.
func Site() territory.Site {
	return territory.Site{
		Name:        "Charente-Maritime (exemple)",
		Phone:       "05 36 49 00 17",
		PhoneHours:  "du lundi au vendredi, de 9\u00a0h à 17\u00a0h",
		Email:       "contact@viaduc.example",
		MainCommune: "17299", // Rochefort
		Publisher:   "Personne\u00a0: ceci est un exemple. Un vrai territoire écrit ici son nom et son adresse.",
		Director:    "Personne\u00a0: ceci est un exemple.",
		Hosting:     "L'ordinateur qui montre cet exemple.",
		DPO:         "Personne\u00a0: aucune donnée de cet exemple ne parle de vraies personnes.",
		Example:     true,
	}
}

// confirmed is what the file cannot say of places, since the standard has no field for it.
var confirmed = map[place.Number]map[string]string{
	1: {
		"viaduc_acces": "Entrée de plain-pied|Toilettes adaptées", "viaduc_salles": "Salle informatique (8 places)|Bureau pour parler à deux", "viaduc_langues": "français|arabe|anglais",
		"viaduc_horaires_mediation": "Tu,Th 09:30-12:00", "viaduc_pass": "oui", "viaduc_verifie_le": "2026-04-14",
	},
	4: {
		"viaduc_espaces": "Open space|Salle de réunion|Cuisine partagée|Espace de convivialité", "viaduc_espaces_prix": "De 5 à 12 euros la journée",
		"viaduc_espaces_acces": "La porte est ouverte de 9 h à 19 h. Pour le soir, demandez un badge.", "viaduc_espaces_lien": "https://lagabare.example/travailler",
	},
	13: {
		"viaduc_espaces": "Fablab|Bureau fermé|Studio", "viaduc_espaces_prix": "Gratuit le mardi soir, 40 euros par mois sinon",
		"viaduc_espaces_acces": "Venez d'abord à une visite, le mardi à 18 h.",
	},
	2: {"viaduc_acces": "Marches à l'entrée", "viaduc_pass": "non"},
}

// Load imports the communes, their cells, the school holidays and the places, and saves the site, as audit.System. Loading twice changes nothing the second
// time. A row that the imports refuse or complain of is an error: the example must be beyond reproach.
func Load(ctx context.Context, t *territory.Service, p *place.Service) error {
	ground, err := t.ImportCommunes(ctx, audit.System, Communes())
	if err != nil {
		return fmt.Errorf("import example communes: %w", err)
	}
	if ground.Rejected+ground.Warnings > 0 {
		return fmt.Errorf("import example communes: %s", ground.Counts)
	}
	outlines, err := t.ImportContours(ctx, audit.System, Outlines(), 0)
	if err != nil {
		return fmt.Errorf("import example outlines: %w", err)
	}
	if outlines.Rejected+outlines.Warnings > 0 {
		return fmt.Errorf("import example outlines: %s", outlines.Counts)
	}
	if _, err := t.ImportSchoolHolidays(ctx, audit.System, Holidays()); err != nil {
		return fmt.Errorf("import example holidays: %w", err)
	}
	census, err := p.Import(ctx, identity.TheSystem(), Places(), place.ImportOptions{})
	if err != nil {
		return fmt.Errorf("import example places: %w", err)
	}
	if census.Rejected+census.Warnings > 0 {
		return fmt.Errorf("import example places: %s", census.Counts)
	}
	for number, fields := range confirmed {
		if _, err := p.Edit(ctx, identity.TheSystem(), number, fields); err != nil {
			return fmt.Errorf("example place %d: %w", number, err)
		}
	}
	switch stored, err := t.StoredSite(ctx, Site().Host); {
	case err == nil && stored == Site():
		return nil
	case err != nil && !fault.Is(err, fault.NotFound):
		return fmt.Errorf("read site: %w", err)
	}
	if err := t.SaveSite(ctx, audit.System, Site()); err != nil {
		return fmt.Errorf("save example site: %w", err)
	}
	return nil
}
