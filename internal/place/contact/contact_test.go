package contact_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/place/contact"
	"viaduc/internal/testkit"
)

// vectors are the conformance cases of the national chain.
type vectors struct {
	Phones []struct {
		Test, In string
		Postcode *string `json:"code_postal"`
		Out      *string
	} `json:"telephone"`
	Emails []struct {
		Test, In string
		Out      []string
	} `json:"courriels"`
}

func readVectors(t *testing.T) vectors {
	t.Helper()
	data, err := os.ReadFile(testkit.Data(t, "vectors/contact-normalisation.json"))
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Phones) < 38 || len(v.Emails) < 32 {
		t.Fatalf("only %d phones and %d e-mails", len(v.Phones), len(v.Emails))
	}
	return v
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func TestPhoneVectors(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Phones {
		got, ok := contact.Phone(v.In, text(v.Postcode))
		if got != text(v.Out) || ok != (v.Out != nil) {
			t.Errorf("%s: Phone(%q, %q) = %q, %v; want %q", v.Test, v.In, text(v.Postcode), got, ok, text(v.Out))
		}
		samePhone(t, got, text(v.Postcode))
	}
}

func TestEmailVectors(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t).Emails {
		if got := contact.Emails(v.In); !slices.Equal(got, v.Out) {
			t.Errorf("%s: Emails(%q) = %q, want %q", v.Test, v.In, got, v.Out)
		}
		sameEmails(t, contact.Emails(v.In))
	}
}

var phonePattern = regexp.MustCompile(`^(\+33|\+590|\+594|\+262|\+596|\+269|\+687|\+689|\+508|\+681)(\d){6,9}$`)

// samePhone checks that an answer has the schema's form and stays the same, with and without its postcode.
func samePhone(t testing.TB, e164, postcode string) {
	t.Helper()
	if e164 == "" {
		return
	}
	if !phonePattern.MatchString(e164) {
		t.Errorf("%q is not of the schema", e164)
	}
	for _, p := range []string{postcode, "", "75001", "97110", "98800"} {
		if again, ok := contact.Phone(e164, p); !ok || again != e164 {
			t.Errorf("Phone(%q, %q) = %q, %v: it changes", e164, p, again, ok)
		}
	}
}

var emailPattern = regexp.MustCompile(`^[!-?A-~]+@[a-z0-9.-]+\.[a-z]{2,24}$`)

func sameEmails(t testing.TB, list []string) {
	t.Helper()
	if again := contact.Emails(strings.Join(list, "|")); !slices.Equal(again, list) {
		t.Errorf("Emails(%q) = %q: it changes", list, again)
	}
	for _, e := range list {
		if again := contact.Emails(e); len(again) != 1 || again[0] != e || !emailPattern.MatchString(e) {
			t.Errorf("Emails(%q) = %q: it changes", e, again)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ raw, postcode, want string }{
		{"+33 5 59 06 67 00", "", "+33559066700"},
		{"0033 4 75 58 29 13", "", "+33475582913"},
		{"0033(0)475582913", "", "+33475582913"},
		{"+ 33 (0) 4 75 58 29 13", "", "+33475582913"},
		{"+33 04 75 58 29 13", "", "+33475582913"},
		{"33 4 75 58 29 13", "", "+33475582913"},
		{"04/75/58/29/13", "", "+33475582913"},
		{"04,75,58,29,13", "", "+33475582913"},
		{"04\u00a075\u202f58\u00a029\u00a013", "", "+33475582913"},
		{"０４ ７５ ５８ ２９ １３", "", "+33475582913"},
		{"\ufeff0475582913\u200b", "", "+33475582913"},
		{"O4 75 58 29 13", "", "+33475582913"},
		{"475582913.0", "", "+33475582913"},
		{"Tél. : 04.75.58.29.13 (siège)", "", "+33475582913"},
		{"tel:+33475582913", "", "+33475582913"},
		{"04 75 58 29 13 - 8h30 à 12h", "", "+33475582913"},
		{"3949 ou 04 75 58 29 13", "", "+33475582913"},
		{"04 95 36 17 62 - 06 75 96 07 56", "", "+33495361762"},
		{"04 95 77 04 90 ou 06 08 41 15 48", "", "+33495770490"},
		{"04 95 77 04 90 06 08 41 15 48", "", "+33495770490"},
		{"04 95 22 25 89\n", "", "+33495222589"},
		{"04 75 58 29 / 06 08 41 15 48", "", "+33608411548"},
		{"0 800 123 456", "", "+33800123456"},
		{"09 69 32 21 21", "", "+33969322121"},

		{"0590 12 34 56", "", "+590590123456"},
		{"0690 12 34 56", "75001", "+590690123456"},
		{"0694 12 34 56", "97300", "+594694123456"},
		{"0596 30 12 34", "", "+596596301234"},
		{"0262 12 34 56", "", "+262262123456"},
		{"0269 66 20 10", "", "+262269662010"},
		{"269662010", "97600", "+262269662010"},
		{"+269269662010", "97600", "+262269662010"}, // Mayotte under the Comoros' code, as old files write it
		{"269 269 66 20 10", "", "+262269662010"},
		{"+269 771 23 45", "", "+2697712345"},
		{"+33 590 12 34 56", "", "+590590123456"},
		{"+33 (0)692 12 34 56", "97400", "+262692123456"},
		{"+590 0590 12 34 56", "", "+590590123456"},
		{"04 75 58 29 13", "97100", "+33475582913"},
		{"690123456", "97200", "+590690123456"},
		{"590 590 12 34 56", "97110", "+590590123456"},

		{"45 07 00", "98800", "+687450700"},
		{"45.07.00 / 78.12.34", "98800", "+687450700"},
		{"687 45 07 00", "98800", "+687450700"},
		{"+687450700", "", "+687450700"},
		{"050709", "98800", "+687050709"},
		{"40 50 60 70", "98713", "+68940506070"},
		{"+689 40 50 60 70", "", "+68940506070"},
		{"72 12 34", "98600", "+681721234"},
		{"41 12 34", "97500", "+508411234"},
		{"0508 41 12 34", "97500", "+508411234"},
		{"06 12 34 56 78", "98800", "+33612345678"},

		{"45 07 00", "", ""},
		{"3949", "", ""},
		{"36 46", "", ""},
		{"112", "", ""},
		{"0000000000", "", ""},
		{"04 75 58 29", "", ""},
		{"04 75 58 29 13 00", "", ""},
		{"04 50 95 07 00 15", "", ""},
		{"+352 26 12 34 56", "", ""},
		{"0041 22 123 45 67", "", ""},
		{"30478812800011", "", ""},
		{"non communiqué", "", ""},
		{"lundi 08:30-12:00", "98800", ""},
	} {
		got, ok := contact.Phone(c.raw, c.postcode)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Phone(%q, %q) = %q, %v; want %q", c.raw, c.postcode, got, ok, c.want)
		}
		samePhone(t, got, c.postcode)
	}
}

func TestEmails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw  string
		want []string
	}{
		{"contact@solideria.corsica - direction@solideria.corsica", []string{"contact@solideria.corsica", "direction@solideria.corsica"}},
		{"contact@alpha.corsica /  contact@alpha.corsica", []string{"contact@alpha.corsica"}},
		{"\u00a0Contact@France-Services.gouv.fr\u200b", []string{"contact@france-services.gouv.fr"}},
		{"mdsba@cc montsdupilat.fr", []string{"mdsba@ccmontsdupilat.fr"}},
		{"maisondes services@nogentleroi.fr", []string{"services@nogentleroi.fr"}},
		{"contact@mairie .fr", []string{"contact@mairie.fr"}},
		{"contact@mairie. fr", []string{"contact@mairie.fr"}},
		{"contact@mairie. Tel", nil},
		{"contact@ mairie.fr", []string{"contact@mairie.fr"}},
		{"contact @mairie.fr", []string{"contact@mairie.fr"}},
		{"contact @ mairie.fr", []string{"contact@mairie.fr"}},
		{"Pôle emploi @pole-emploi.fr", nil},
		{"mairie@ville 05.59.28.78.78", nil},
		{"mairie@ville www.ville.fr", nil},
		{"accueil [at] ville (point) fr", []string{"accueil@ville.fr"}},
		{"mailto:a@b.fr?subject=c@d.fr", []string{"a@b.fr"}},
		{"Mairie <contact@mairie.fr>, <a@b.fr>", []string{"contact@mairie.fr", "a@b.fr"}},
		{`a@b.fr\nc@d.fr`, []string{"a@b.fr", "c@d.fr"}},
		{"a@b.fr\r\nc@d.fr", []string{"a@b.fr", "c@d.fr"}},
		{"contact@mairie.fr.", []string{"contact@mairie.fr"}},
		{"cœur@cœur.fr", []string{"coeur@coeur.fr"}},
		{"j.d’arc@orleans.fr", []string{"j.d'arc@orleans.fr"}},
		{"a..b@c.fr", nil},
		{"a@-b.fr", nil},
		{"a@b.f", nil},
		{"<script>alert(1)</script>@b.fr", nil},
		{strings.Repeat("a", 65) + "@b.fr", nil},
		{`Via le site de la CAF, rubrique "Nous contacter`, nil},
	} {
		got := contact.Emails(c.raw)
		if !slices.Equal(got, c.want) {
			t.Errorf("Emails(%q) = %q, want %q", c.raw, got, c.want)
		}
		sameEmails(t, got)
	}
}
