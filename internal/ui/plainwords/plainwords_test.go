package plainwords_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/platform/i18n"
	"viaduc/internal/ui/plainwords"
)

func TestCheck(t *testing.T) {
	long := strings.Repeat("mot ", 21)
	tests := []struct {
		text string
		lang i18n.Lang
		want []plainwords.Rule
	}{
		{"Une personne peut vous aider. C'est gratuit.", i18n.French, nil},
		{"Appelez le 05 46 00 00 00, du lundi au vendredi.", i18n.French, nil},
		{long, i18n.French, []plainwords.Rule{plainwords.LongSentence}},
		{long, i18n.Arabic, []plainwords.Rule{plainwords.LongSentence}},
		{strings.Repeat("mot ", 20), i18n.French, nil},
		{strings.Repeat("Treize mots dans une phrase, c'est encore un peu trop long pour lire bien ici. ", 5), i18n.French, []plainwords.Rule{plainwords.LongMean}},
		{"Les usagers viennent.", i18n.French, []plainwords.Rule{plainwords.HardWord}},
		{"Remplissez le Formulaire.", i18n.Simple, []plainwords.Rule{plainwords.HardWord}},
		{"Une usine d'usage.", i18n.French, nil},
		{"La médiation\u00a0numérique vous aide.", i18n.French, []plainwords.Rule{plainwords.HardWord}},
		{"Il faut s’authentifier.", i18n.French, []plainwords.Rule{plainwords.HardWord}},
		{"Structures", i18n.English, nil},
		{"Du pain, du lait, etc.", i18n.French, []plainwords.Rule{plainwords.Etc}},
		{"Vie & travail", i18n.French, []plainwords.Rule{plainwords.Ampersand}},
		{"Au XXIe siècle", i18n.French, []plainwords.Rule{plainwords.Roman}},
		{"Place Henri IV", i18n.French, []plainwords.Rule{plainwords.Roman}},
		{"Le prix est de 3 euros. I", i18n.French, nil},
		{"VIA et DIX", i18n.French, nil},
	}
	for _, tt := range tests {
		var got []plainwords.Rule
		for _, p := range plainwords.Check(tt.text, tt.lang) {
			got = append(got, p.Rule)
			if p.Advice == "" {
				t.Errorf("Check(%q): %s has no advice", tt.text, p)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Check(%q, %s) (-want +got):\n%s", tt.text, tt.lang, diff)
		}
	}
}

func TestCheckHTMLReadsWhatIsSeen(t *testing.T) {
	page := `<html lang="fr"><title>usagers</title><body><nav>formulaire</nav><main><h1>Un titre</h1><script>usagers</script>
<p>Les <b>usagers</b> ici</p><p lang="en">structure</p><p translate="no">Structure du Port</p><ul><li>un</li><li>deux</li></ul></main></body></html>`
	got, err := plainwords.CheckHTML(strings.NewReader(page), i18n.French)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Found != "usagers" {
		t.Errorf("CheckHTML = %v, want the one word of the paragraph", got)
	}
}
