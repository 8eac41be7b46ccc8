package territory

import "viaduc/internal/audit"

// Sentences is how people read the journal's lines about the territory.
func Sentences() []audit.Sentence {
	return []audit.Sentence{
		{Action: "territory.news", Text: "{auteur} a écrit ou changé une actualité"},
		{Action: "territory.site", Text: "{auteur} a changé ce que le territoire dit de lui"},
		{Action: "territory.import", Text: "{auteur} a importé les communes : {créées}, {modifiées}", Args: map[string]audit.Arg{
			"créées":    audit.Count("créées", "%d créée", "%d créées"),
			"modifiées": audit.Count("modifiées", "%d modifiée", "%d modifiées"),
		}},
	}
}
