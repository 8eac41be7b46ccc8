package place_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/testkit"
)

// standardHeader is the mandatory column order of the national schema.
const standardHeader = "id,pivot,nom,commune,code_postal,code_insee,adresse,complement_adresse,latitude,longitude,typologie,telephone,courriels,site_web," +
	"horaires,presentation_resume,presentation_detail,source,itinerance,structure_parente,date_maj,services,publics_specifiquement_adresses," +
	"prise_en_charge_specifique,frais_a_charge,dispositif_programmes_nationaux,formations_labels,autres_formations_labels,modalites_acces," +
	"modalites_accompagnement,fiche_acces_libre,prise_rdv"

// odd is a census of three whole places, one to complete and one to locate, with texts that look like formulas.
const odd = "id,pivot,nom,commune,code_postal,adresse,date_maj,latitude,longitude,telephone,presentation_detail,services,autres_formations_labels\n" +
	"A_1,00000000000000,=1+1,+Saintes,17100,@rue,2026-01-05,45.75,-0.63,+33546000000,\"-Un\ntexte, \"\"cité\"\"\",Aide aux démarches administratives|Accès internet et matériel informatique,＝x|-y\n" +
	"A_2,00000000000000,'Au bout du clic,Saintes,17100,rue,2026-01-06,,,,,,\n" +
	"A_3,30478812800011,<b>É & O,Saintes,17100,1 rue,2026-01-07,46,-1,,,Loisirs et créations numériques,\n" +
	"A_4,00000000000000,Sans adresse,Saintes,17100,,2026-01-05,,,,,,\n" +
	"A_5,00000000000000,Nulle part,,,,2026-01-05,,,,,,\n"

func (w world) exportAs(t testing.TB, f place.Format) ([]byte, place.ExportReport) {
	t.Helper()
	var b bytes.Buffer
	rep, err := w.places.Export(t.Context(), &b, f)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Version == 0 || rep.ChangedAt.IsZero() {
		t.Errorf("an export of which state? %+v", rep)
	}
	return b.Bytes(), rep
}

func oddWorld(t *testing.T) world {
	t.Helper()
	w := newWorld(t, testkit.SQLite(t))
	w.importText(t, odd)
	return w
}

func TestCSVIsTheFileOfTheStandard(t *testing.T) {
	w := oddWorld(t)
	raw, rep := w.exportAs(t, place.CSV)
	if rep.Written != 3 || rep.ToComplete != 1 || rep.ToLocate != 1 {
		t.Errorf("%+v", rep)
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	if first != standardHeader {
		t.Errorf("header %s", first)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	at := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for _, tc := range []struct {
		row        int
		name, want string
	}{
		{1, "nom", "'=1+1"},
		{1, "commune", "'+Saintes"},
		{1, "adresse", "'@rue"},
		{1, "presentation_detail", "'-Un\ntexte, \"cité\""},
		{1, "autres_formations_labels", "'＝x|-y"},
		{1, "telephone", "+33546000000"},
		{1, "longitude", "-0.63"},
		{1, "date_maj", "2026-01-05"},
		{1, "services", "Aide aux démarches administratives|Accès internet et matériel informatique"},
		{2, "nom", "'Au bout du clic"},
		{2, "latitude", ""},
		{3, "pivot", "30478812800011"},
		{3, "latitude", "46"},
	} {
		if got := at(tc.row, tc.name); got != tc.want {
			t.Errorf("row %d, %s: %q, want %q", tc.row, tc.name, got, tc.want)
		}
	}
}

// Whatever sign a text begins with, the file comes in again and changes nothing.
func TestDangerousTextsComeBack(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		var b strings.Builder
		c := csv.NewWriter(&b)
		record := []string{"id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj", "presentation_resume", "autres_formations_labels"}
		n := -1
		line := func() {
			if err := c.Write(record); err != nil {
				t.Fatal(err)
			}
			n++
		}
		line()
		want := map[string]bool{}
		for _, sign := range []string{"=", "+", "-", "@", "\t", "\r", "＝"} {
			for _, before := range []string{"", "'", "''", "'''"} { // a cell with one apostrophe stands for a text with none
				text := before + sign + "1+1"
				record = []string{fmt.Sprintf("A_%d", n), place.UnknownPivot, text, "Saintes", "17100", text, "2026-01-05", text, text + "|-b"}
				line()
				if before != "" && strings.TrimSpace(text[1:]) == text[1:] { // the import trims what a text begins with
					want[text[1:]] = true
				}
			}
		}
		c.Flush()
		w := newWorld(t, d)
		w.importText(t, b.String())
		first, rep := w.exportAs(t, place.CSV)
		if rep.Written != n {
			t.Fatalf("%+v, want %d", rep, n)
		}
		raw, _ := w.exportAs(t, place.JSON)
		var list []struct{ Nom, Adresse string }
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			delete(want, p.Nom)
		}
		if len(want) > 0 {
			t.Errorf("these names are not in the census: %q", slices.Collect(maps.Keys(want)))
		}
		again := w.importText(t, string(first))
		if again.Unchanged != n {
			t.Errorf("its own export changes the census: %s", again.Counts)
		}
		if second, _ := w.exportAs(t, place.CSV); !bytes.Equal(first, second) {
			t.Error("the second export differs from the first")
		}
	})
}

func TestJSONHasTheFieldsOfTheStandard(t *testing.T) {
	w := oddWorld(t)
	raw, rep := w.exportAs(t, place.JSON)
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 3 || rep.Written != 3 {
		t.Fatalf("%d objects, %+v, %v\n%s", len(list), rep, err, raw)
	}
	if list[0]["nom"] != "=1+1" || list[0]["longitude"] != -0.63 || list[1]["latitude"] != nil || list[2]["nom"] != "<b>É & O" {
		t.Errorf("%v", list)
	}
	if got := fmt.Sprint(list[0]["services"]); got != "[Aide aux démarches administratives Accès internet et matériel informatique]" {
		t.Errorf("services: %s", got)
	}
	for _, o := range list {
		for name := range o {
			if !strings.Contains(","+standardHeader+",", ","+name+",") {
				t.Errorf("%s is no field of the standard", name)
			}
		}
	}
}

func TestGeoJSONHasPoints(t *testing.T) {
	w := oddWorld(t)
	raw, rep := w.exportAs(t, place.GeoJSON)
	var doc struct {
		Type     string
		Features []struct {
			Type, ID string
			Geometry struct {
				Type        string
				Coordinates []float64
			}
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatalf("%v\n%s", err, raw)
	}
	if doc.Type != "FeatureCollection" || len(doc.Features) != 2 || rep.Written != 2 || rep.NoPoint != 1 {
		t.Fatalf("%s, %+v", raw, rep)
	}
	f := doc.Features[0]
	if f.Type != "Feature" || f.ID != "A_1" || f.Geometry.Type != "Point" || !slices.Equal(f.Geometry.Coordinates, []float64{-0.63, 45.75}) {
		t.Errorf("%+v", f)
	}
	if f.Properties["nom"] != "=1+1" || f.Properties["latitude"] != nil {
		t.Errorf("%v", f.Properties)
	}
}

func TestXLSXHoldsTextNotFormulas(t *testing.T) {
	w := oddWorld(t)
	raw, rep := w.exportAs(t, place.XLSX)
	if rep.Written != 3 {
		t.Errorf("%+v", rep)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	rows, err := f.GetRows("Lieux", excelize.Options{RawCellValue: true})
	if err != nil || len(rows) != 4 || strings.Join(rows[0], ",") != standardHeader {
		t.Fatalf("%v, %v", rows, err)
	}
	for r := range rows {
		for c, name := range rows[0] {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
			kind, err := f.GetCellType("Lieux", cell)
			if err != nil {
				t.Fatal(err)
			}
			formula, _ := f.GetCellFormula("Lieux", cell)
			value, _ := f.GetCellValue("Lieux", cell, excelize.Options{RawCellValue: true})
			number := r > 0 && (name == "latitude" || name == "longitude")
			text := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
			if formula != "" || value != "" && text == number {
				t.Errorf("%s (%s): type %v, formula %q, value %q", cell, name, kind, formula, value)
			}
		}
	}
	if rows[1][2] != "=1+1" || rows[1][4] != "17100" || rows[1][9] != "-0.63" || rows[1][11] != "+33546000000" || rows[1][16] != "-Un\ntexte, \"cité\"" {
		t.Errorf("%q", rows[1])
	}
	panes, err := f.GetPanes("Lieux")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v, %v", panes, err)
	}
	if width, err := f.GetColWidth("Lieux", "C"); err != nil || width < 30 {
		t.Errorf("names have a width of %v, %v", width, err)
	}
}

// The real census leaves in every format, and each file is what its format says.
func TestRealCensusInEveryFormat(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.importFile(t, "lieux/lieux-17.csv")
	for _, f := range place.Formats() {
		raw, rep := w.exportAs(t, f)
		if rep.Written+rep.NoPoint+rep.Unfit != 164 || rep.Written < 150 || len(raw) < 10_000 || !utf8.Valid(raw) && f != place.XLSX {
			t.Errorf("%s: %+v, %d bytes", f, rep, len(raw))
		}
		if f != place.CSV && f != place.XLSX && !json.Valid(raw) {
			t.Errorf("%s is no JSON", f)
		}
	}
}

func TestAnEmptyCensusLeavesToo(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	for _, f := range place.Formats() {
		var b bytes.Buffer
		rep, err := w.places.Export(t.Context(), &b, f)
		if err != nil || rep.Written != 0 {
			t.Errorf("%s: %+v, %v", f, rep, err)
		}
		if f != place.CSV && f != place.XLSX && !json.Valid(b.Bytes()) {
			t.Errorf("%s is no JSON: %s", f, b.Bytes())
		}
	}
	if _, err := w.places.Export(t.Context(), &bytes.Buffer{}, "pdf"); err == nil {
		t.Error("an unknown format is accepted")
	}
}

func TestFileNames(t *testing.T) {
	on := time.Date(2026, 5, 4, 9, 30, 0, 0, time.UTC)
	for _, tc := range []struct {
		format          place.Format
		territory, want string
	}{
		{place.CSV, "Charente-Maritime", "20260504-viaduc-lieux-de-mediation-numeriques-charente-maritime.csv"},
		{place.JSON, "Côte-d'Or", "20260504-viaduc-lieux-de-mediation-numeriques-cote-d-or.json"},
		{place.DataInclusion, "La Réunion", "20260504-viaduc-structures-inclusion-la-reunion.json"},
		{place.XLSX, "../../\"x\"\r\n", "20260504-viaduc-lieux-de-mediation-numeriques-x.xlsx"},
		{place.GeoJSON, "العربية", "20260504-viaduc-lieux-de-mediation-numeriques-territoire.geojson"},
	} {
		if got := tc.format.FileName(on, tc.territory); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.territory, got, tc.want)
		}
	}
}

// jsonSchema is the part of JSON Schema that the documents of data·inclusion use.
type jsonSchema struct {
	Ref         string                `json:"$ref"`
	Defs        map[string]jsonSchema `json:"$defs"`
	Type        string                `json:"type"`
	Required    []string              `json:"required"`
	Properties  map[string]jsonSchema `json:"properties"`
	AnyOf       []jsonSchema          `json:"anyOf"`
	Items       *jsonSchema           `json:"items"`
	Enum        []string              `json:"enum"`
	Pattern     string                `json:"pattern"`
	Format      string                `json:"format"`
	MinLength   int                   `json:"minLength"`
	MaxLength   int                   `json:"maxLength"`
	MinItems    int                   `json:"minItems"`
	UniqueItems bool                  `json:"uniqueItems"`
}

func readSchema(t *testing.T, name string) jsonSchema {
	t.Helper()
	raw, err := os.ReadFile(testkit.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	var s jsonSchema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// check returns the first way in which v breaks s; defs are those of the document.
func (s jsonSchema) check(v any, defs map[string]jsonSchema) error {
	if s.Ref != "" {
		return defs[strings.TrimPrefix(s.Ref, "#/$defs/")].check(v, defs)
	}
	if len(s.AnyOf) > 0 {
		var errs []string
		for _, one := range s.AnyOf {
			err := one.check(v, defs)
			if err == nil {
				return nil
			}
			errs = append(errs, err.Error())
		}
		return fmt.Errorf("none of: %s", strings.Join(errs, "; "))
	}
	switch s.Type {
	case "object":
		return s.checkObject(v, defs)
	case "array":
		list, ok := v.([]any)
		if !ok || len(list) < s.MinItems {
			return fmt.Errorf("%v is no array of %d or more", v, s.MinItems)
		}
		seen := map[any]bool{}
		for _, one := range list {
			if err := s.Items.check(one, defs); err != nil {
				return err
			}
			if s.UniqueItems && seen[one] {
				return fmt.Errorf("%v is there twice", one)
			}
			seen[one] = true
		}
	case "string":
		return s.checkString(v)
	case "number":
		if _, ok := v.(float64); !ok {
			return fmt.Errorf("%v is no number", v)
		}
	case "null":
		if v != nil {
			return fmt.Errorf("%v is not null", v)
		}
	}
	return nil
}

func (s jsonSchema) checkObject(v any, defs map[string]jsonSchema) error {
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no object", v)
	}
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	for name, one := range object {
		p, ok := s.Properties[name]
		if !ok {
			return fmt.Errorf("%s is unknown", name)
		}
		if err := p.check(one, defs); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (s jsonSchema) checkString(v any) error {
	text, ok := v.(string)
	n := utf8.RuneCountInString(text)
	switch {
	case !ok:
		return fmt.Errorf("%v is no string", v)
	case s.Enum != nil && !slices.Contains(s.Enum, text):
		return fmt.Errorf("%q is not in the list", text)
	case n < s.MinLength || s.MaxLength > 0 && n > s.MaxLength:
		return fmt.Errorf("%q has %d letters", text, n)
	case s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text):
		return fmt.Errorf("%q breaks %s", text, s.Pattern)
	}
	var err error
	switch s.Format {
	case "date":
		_, err = time.Parse(time.DateOnly, text)
	case "email":
		_, err = mail.ParseAddress(text)
	case "uri":
		var u *url.URL
		if u, err = url.Parse(text); err == nil && !u.IsAbs() {
			err = fmt.Errorf("%q is not absolute", text)
		}
	}
	return err
}

const inclusionHeader = "id,pivot,nom,commune,code_postal,adresse,date_maj,typologie,courriels,site_web,presentation_detail,source,services,publics_specifiquement_adresses," +
	"frais_a_charge,dispositif_programmes_nationaux,modalites_acces,modalites_accompagnement,prise_rdv,fiche_acces_libre\n"

func TestDataInclusionFitsItsSchemas(t *testing.T) {
	structure, service := readSchema(t, "data-inclusion/structure-v1.json"), readSchema(t, "data-inclusion/service-v1.json")
	w := newWorld(t, testkit.SQLite(t))
	w.importFile(t, "lieux/lieux-17.csv")
	w.importFile(t, "lieux/lieux-france.csv")
	w.importText(t, inclusionHeader+
		`Z_1,30478812800011,Le lieu.,Saintes,17100,1 rue,2026-01-05,CCAS|MUNI|CIAS,a@exemple.fr|b@exemple.fr,https://exemple.fr|https://autre.exemple.fr,Un bel endroit,Ma Source,`+
		strings.Join(place.Services(), "|")+`,Jeunes|Étudiants|Familles et/ou enfants|Seniors|Femmes,Gratuit,France Services|Aidants Connect,`+
		`Se présenter|Téléphoner|Contacter par mail|Prendre un RDV en ligne|Envoyer un mail avec une fiche de prescription,En autonomie|À distance,https://rdv.exemple.fr,https://acceslibre.beta.gouv.fr/x`+"\n"+
		`Z_2,00000000000000,`+strings.Repeat("é", 200)+`,Saintes,17100,1 rue,2026-01-05,,,,abc,,Accès internet et matériel informatique,,Gratuit sous condition|Payant,,,,,`+"\n"+
		"Z_3,00000000000000,AB,Saintes,17100,1 rue,2026-01-05,,,,,,,,,,,,,\n"+
		"Z_4,00000000000000,Jour impossible,Saintes,17100,1 rue,2026-02-31,,,,,,,,,,,,,\n")
	raw, rep := w.exportAs(t, place.DataInclusion)
	var doc map[string][]map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	structures, services := doc["structures"], doc["services"]
	if len(doc) != 2 || len(structures) != rep.Written || len(structures) < 5000 || len(services) < 4000 || rep.Unfit < 2 {
		t.Errorf("%d structures, %d services, %+v", len(structures), len(services), rep)
	}
	ids := map[any]map[string]any{}
	for _, s := range structures {
		if err := structure.check(s, structure.Defs); err != nil {
			t.Errorf("structure %v: %v", s["id"], err)
		}
		if ids[s["id"]] != nil {
			t.Errorf("two structures are %v", s["id"])
		}
		ids[s["id"]] = s
	}
	byID := map[any]map[string]any{}
	for _, s := range services {
		if err := service.check(s, service.Defs); err != nil {
			t.Errorf("service %v: %v", s["id"], err)
		}
		if ids[s["structure_id"]] == nil {
			t.Errorf("service %v is of no structure", s["id"])
		}
		byID[s["structure_id"]] = s
	}
	for name, want := range map[string]string{
		"nom": "Le lieu", "siret": "30478812800011", "courriel": "a@exemple.fr", "site_web": "https://exemple.fr", "source": "ma-source",
		"reseaux_porteurs": "[france-service aidants-connect ccas-cias communes]",
	} {
		if got := fmt.Sprint(ids["ma-source--Z_1"][name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"thematiques": "[numerique--acceder-a-des-services-en-ligne numerique--maitriser-les-fondamentaux-du-numerique numerique--acceder-a-une-connexion-internet numerique--acquerir-un-equipement]",
		"frais":       "gratuit", "publics": "[jeunes etudiants familles seniors femmes]", "modes_accueil": "[en-presentiel a-distance]",
		"modes_mobilisation": "[se-presenter telephoner envoyer-un-courriel utiliser-lien-mobilisation]", "lien_mobilisation": "https://rdv.exemple.fr",
	} {
		if got := fmt.Sprint(byID["ma-source--Z_1"][name]); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	second := ids["viaduc--Z_2"]
	if name, _ := second["nom"].(string); utf8.RuneCountInString(name) != 150 || second["siret"] != nil || second["description"] != nil {
		t.Errorf("%v", second)
	}
	if s := byID["viaduc--Z_2"]; s["frais"] != nil || s["frais_precisions"] != "Gratuit sous condition, Payant" || s["description"] != "Accès internet et matériel informatique" {
		t.Errorf("%v", s)
	}
	if ids["viaduc--Z_3"] != nil || ids["viaduc--Z_4"] != nil {
		t.Error("what the schema refuses is there")
	}
}

// The columns that leave untouched are those that the national schema itself checks, and the key.
func TestUntouchedColumnsAreThoseTheSchemaChecks(t *testing.T) {
	raw, err := os.ReadFile(testkit.Data(t, "schema/schema-v1.0.1.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Fields []struct {
			Name, Type  string
			Constraints struct {
				Pattern string
				Enum    []string
				Unique  bool
			}
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(doc.Fields))
	untouched := map[string]bool{}
	for i, f := range doc.Fields {
		names[i] = f.Name
		untouched[f.Name] = f.Type != "string" || f.Constraints.Pattern != "" || f.Constraints.Enum != nil || f.Name == "id"
	}
	if strings.Join(names, ",") != standardHeader {
		t.Errorf("the schema has %v", names)
	}
	for _, c := range place.Columns() {
		if untouched[c.Name] == c.Guarded() {
			t.Errorf("%s: untouched by the schema %v, guarded %v", c.Name, untouched[c.Name], c.Guarded())
		}
	}
}

func BenchmarkExport(b *testing.B) {
	w := newWorld(b, testkit.SQLite(b))
	w.importFile(b, "lieux/lieux-france.csv")
	for _, f := range place.Formats() {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				var out bytes.Buffer
				if _, err := w.places.Export(b.Context(), &out, f); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(out.Len()))
			}
		})
	}
}
