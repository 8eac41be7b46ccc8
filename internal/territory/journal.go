package territory

import "viaduc/internal/audit"

// Sentences is how people read the journal's lines about the territory.
func Sentences() []audit.Sentence {
	return []audit.Sentence{
		{Action: "territory.news", Text: "{auteur} a écrit ou changé une actualité"},
		{Action: "territory.site", Text: "{auteur} a changé ce que le territoire dit de lui"},
		{Action: "territory.school_holidays", Text: "{auteur} a importé les vacances scolaires : {créées}, {modifiées}, {retirées}", Args: map[string]audit.Arg{
			"créées":    audit.Count("créées", "%d créée", "%d créées"),
			"modifiées": audit.Count("modifiées", "%d modifiée", "%d modifiées"),
			"retirées":  audit.Count("retirées", "%d retirée", "%d retirées"),
		}},
		{Action: "territory.contours", Text: "{auteur} a importé les contours des communes de {année} : {créés}, {modifiés}", Args: map[string]audit.Arg{
			"année":    audit.Number("année"),
			"créés":    audit.Count("créés", "%d créé", "%d créés"),
			"modifiés": audit.Count("modifiés", "%d modifié", "%d modifiés"),
		}},
		{Action: "territory.mergers", Text: "{auteur} a importé les fusions de communes : {créées}, {modifiées}", Args: map[string]audit.Arg{
			"créées":    audit.Count("créées", "%d créée", "%d créées"),
			"modifiées": audit.Count("modifiées", "%d modifiée", "%d modifiées"),
		}},
		{Action: "territory.import", Text: "{auteur} a importé les communes : {créées}, {modifiées}", Args: map[string]audit.Arg{
			"créées":    audit.Count("créées", "%d créée", "%d créées"),
			"modifiées": audit.Count("modifiées", "%d modifiée", "%d modifiées"),
		}},
	}
}
