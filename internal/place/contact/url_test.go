package contact_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"viaduc/internal/place/contact"
)

func sameURLs(t testing.TB, list []string) {
	t.Helper()
	if again := contact.URLs(strings.Join(list, "|")); !slices.Equal(again, list) {
		t.Errorf("URLs(%q) = %q: it changes", list, again)
	}
	for _, u := range list {
		if again := contact.URLs(u); len(again) != 1 || again[0] != u {
			t.Errorf("URLs(%q) = %q: it changes", u, again)
		}
		p, err := url.Parse(u)
		if err != nil || p.Scheme != "http" && p.Scheme != "https" || p.Host == "" || p.User != nil {
			t.Errorf("%q is no web address: %v", u, err)
		}
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		raw  string
		want []string
	}{
		{"https://www.mairie.fr/Services?Id=A#Top", []string{"https://www.mairie.fr/Services?Id=A#Top"}},
		{"HTTPS://WWW.Mairie.FR/Plan", []string{"https://www.mairie.fr/Plan"}},
		{"www.olmo.fr", []string{"http://www.olmo.fr"}},
		{"partinellu.fr", []string{"http://partinellu.fr"}},
		{"ville.fr:8080/x", []string{"http://ville.fr:8080/x"}},
		{"//ville.fr/x", []string{"http://ville.fr/x"}},
		{"http//ville.fr", []string{"http://ville.fr"}},
		{"http:/ville.fr", []string{"http://ville.fr"}},
		{"https:ville.fr", []string{"https://ville.fr"}},
		{"http: //ville.fr", []string{"http://ville.fr"}},
		{"http//:ville.fr", []string{"http://ville.fr"}},
		{"https;//ville.fr", []string{"https://ville.fr"}},
		{"http:///ville.fr", []string{"http://ville.fr"}},
		{"http://https://ville.fr/", []string{"https://ville.fr/"}},
		{"www,ville.fr", []string{"http://www.ville.fr"}},
		{"http://www,ville.fr/a,b", []string{"http://www.ville.fr/a,b"}},
		{"https.fr", []string{"http://https.fr"}},

		{"https://a.fr/; https://b.fr/", []string{"https://a.fr/", "https://b.fr/"}},
		{"https://a.fr;b.fr", []string{"https://a.fr", "http://b.fr"}},
		{"https://a.fr|www.b.fr|https://a.fr", []string{"https://a.fr", "http://www.b.fr"}},
		{"https://a.fr/x;jsessionid=1?y=2", []string{"https://a.fr/x;jsessionid=1?y=2"}},
		{"https://a.fr/ https://b.fr/", []string{"https://a.fr/", "https://b.fr/"}},
		{"https://falep.corsica, www.facebook.com/falep2b", []string{"https://falep.corsica", "http://www.facebook.com/falep2b"}},
		{"https://falep.corsica/ - https://www.facebook.com/falep2b/", []string{"https://falep.corsica/", "https://www.facebook.com/falep2b/"}},
		{"http://ml.org          Facebook : MissionLocale\nInstagram : ml", []string{"http://ml.org"}},
		{"Facebook : Maison_ALATA \nSite internet : https://alata.corsica/", []string{"https://alata.corsica/"}},
		{`https://a.fr\nhttps://b.fr`, []string{"https://a.fr", "https://b.fr"}},
		{"<https://a.fr/x>.", []string{"https://a.fr/x"}},
		{"https://a.fr/?q[]=1&r=(2)", []string{"https://a.fr/?q[]=1&r=(2)"}},
		{"(https://a.fr/Saintes_(ville)).", []string{"https://a.fr/Saintes_(ville)"}},

		{"", nil},
		{"http://", nil},
		{"https://www.", nil},
		{"www.ma mairie.fr", nil},
		{"http://www.ma mairie.fr", nil},
		{"http://mairie-évry.fr", nil},
		{"https://www.mairie.fr/médiathèque", nil},
		{"contact@mairie.fr", nil},
		{"https://admin@mairie.fr", nil},
		{"https://mairie.fr@evil.fr", nil},
		{"https://mairie.fr\\@evil.fr", nil},
		{"javascript:alert(1)", nil},
		{"javascript://www.a.fr/%0aalert(1)", nil},
		{"JaVaScRiPt:www.a.fr", nil},
		{"data:text/html,x", nil},
		{"mailto:a@b.fr", nil},
		{"ftp://a.fr", nil},
		{"http://localhost/", nil},
		{"http://192.168.0.1/", nil},
		{"http://[::1]/", nil},
		{"http://a.fr/\"onmouseover=x", nil},
		{"http://a.fr/%zz", nil},
		{"compte-rendu.pdf", nil},
		{"63122", nil},
		{"page facebook : Cumuna di Petralba", nil},
	} {
		got := contact.URLs(c.raw)
		if !slices.Equal(got, c.want) {
			t.Errorf("URLs(%q) = %q, want %q", c.raw, got, c.want)
		}
		sameURLs(t, got)
	}
}
