package place

// weights say what a resident looks for first: how much each answer adds to a page, in hundredths. The most useful first.
var weights = []struct {
	points  int
	column  string   // names the answer
	columns []string // any of them counts
}{
	{15, "horaires", []string{"horaires", "viaduc_horaires_mediation"}},
	{15, "services", []string{"services"}},
	{12, "telephone", []string{"telephone", "courriels", "prise_rdv"}},
	{10, "nom", []string{"nom"}},
	{10, "adresse", []string{"adresse"}},
	{8, "viaduc_offre", []string{"viaduc_offre", "modalites_accompagnement"}},
	{6, positionField, []string{positionField}},
	{6, "frais_a_charge", []string{"frais_a_charge"}},
	{5, "modalites_acces", []string{"modalites_acces"}},
	{4, "viaduc_acces", []string{"viaduc_acces", "fiche_acces_libre"}},
	{4, "presentation_resume", []string{"presentation_resume", "presentation_detail"}},
	{2, "publics_specifiquement_adresses", []string{"publics_specifiquement_adresses", "prise_en_charge_specifique"}},
	{2, "viaduc_langues", []string{"viaduc_langues"}},
	{1, "pivot", []string{"pivot"}},
}

// Completion says how full the page of the place will be, in hundredths, and which columns would help residents the most,
// best first.
func (d Declaration) Completion() (percent int, lacking []string) {
	for _, w := range weights {
		if d.Says(w.columns...) && (w.column != "pivot" || d.Said("pivot") != UnknownPivot) {
			percent += w.points
		} else {
			lacking = append(lacking, w.column)
		}
	}
	return percent, lacking
}
