package audit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"viaduc/internal/audit"
)

// names knows some accounts and remembers what it was asked.
type names struct {
	known map[string]string
	asked []string
	err   error
}

func (n *names) AccountNames(_ context.Context, accounts []string) (map[string]string, error) {
	n.asked = append(n.asked, accounts...)
	out := map[string]string{}
	for _, a := range accounts {
		if w, ok := n.known[a]; ok {
			out[a] = w
		}
	}
	return out, n.err
}

var channels = map[string]string{"phone": "par téléphone", "web": "sur le site"}

var spoken = []audit.Sentence{
	{Action: "place.import", Text: "{auteur} a importé ce lieu"},
	{Action: "login.failed", Text: "{auteur} n'a pas réussi à ouvrir une session"},
	{Action: "seat.claim", Text: "{auteur} a réservé {combien} {canal} pour le {jour}", Args: map[string]audit.Arg{
		"combien": audit.Count("n", "%d place", "%d places"), "canal": audit.Word("channel", channels), "jour": audit.Day("day"),
	}},
	{Action: "keep.edit", Text: "{auteur} a gardé {un} puis {deux}", Args: map[string]audit.Arg{"un": audit.Span("a"), "deux": audit.Span("b")}},
	{Action: "seat.list", Text: "{auteur} a lu {nombre} lignes venues {canaux}", Args: map[string]audit.Arg{
		"nombre": audit.Number("n"), "canaux": audit.Words("channels", channels),
	}},
}

func TestSentencesAreSaidInFrench(t *testing.T) {
	n := &names{known: map[string]string{"a1": "une personne du CCAS de Saintes", "a2": "Élodie"}}
	r, err := audit.NewReader(n, spoken[:2], spoken[2:])
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		line   audit.Line
		reader audit.Actor
		want   string
	}{
		{audit.Line{Actor: audit.CLI, Action: "place.import"}, "", "La ligne de commande a importé ce lieu."},
		{audit.Line{Actor: audit.System, Action: "place.import"}, "a1", "Le programme a importé ce lieu."},
		{audit.Line{Actor: "a1", Action: "place.import"}, "a1", "Vous avez importé ce lieu."},
		{audit.Line{Actor: "a1", Action: "place.import"}, "a2", "Une personne du CCAS de Saintes a importé ce lieu."},
		{audit.Line{Actor: "a2", Action: "place.import"}, "a1", "Élodie a importé ce lieu."},
		{audit.Line{Actor: "a3", Action: "place.import"}, "a1", "Une personne dont le compte n'existe plus a importé ce lieu."},
		{audit.Line{Actor: audit.Anonymous, Action: "login.failed"}, "a1", "Un visiteur n'a pas réussi à ouvrir une session."},
		{audit.Line{Actor: "a1", Action: "login.failed"}, "a1", "Vous n'avez pas réussi à ouvrir une session."},
		{
			audit.Line{Actor: "a1", Action: "seat.claim", DetailJSON: `{"n":"1","channel":"phone","day":"2026-05-01"}`},
			"a1",
			"Vous avez réservé 1 place par téléphone pour le 1er mai 2026.",
		},
		{
			audit.Line{Actor: "a1", Action: "seat.claim", DetailJSON: `{"n":"12","channel":"web","day":"2026-02-28"}`},
			"",
			"Une personne du CCAS de Saintes a réservé 12 places sur le site pour le 28 février 2026.",
		},
		{ // nothing that is no number, no day and no word of the list comes through
			audit.Line{Actor: audit.CLI, Action: "seat.claim", DetailJSON: `{"n":"Marie","channel":"<b>","day":"hier"}`},
			"",
			"La ligne de commande a réservé (non précisé) (non précisé) pour le (non précisé).",
		},
		{
			audit.Line{Actor: audit.CLI, Action: "seat.claim", DetailJSON: `not JSON`},
			"",
			"La ligne de commande a réservé (non précisé) (non précisé) pour le (non précisé).",
		},
		{
			audit.Line{Actor: audit.CLI, Action: "seat.list", DetailJSON: `{"n":"0","channels":"phone, web,phone"}`},
			"",
			"La ligne de commande a lu 0 lignes venues par téléphone et sur le site.",
		},
		{audit.Line{Actor: audit.CLI, Action: "keep.edit", DetailJSON: `{"a":"P1Y","b":"P18M"}`}, "", "La ligne de commande a gardé 1 an puis 18 mois."},
		{audit.Line{Actor: audit.CLI, Action: "keep.edit", DetailJSON: `{"a":"P30D","b":"deux ans"}`}, "", "La ligne de commande a gardé 30 jours puis (non précisé)."},
		{audit.Line{Actor: audit.CLI, Action: "x.unknown"}, "", "La ligne de commande a fait : x.unknown."},
		{audit.Line{Actor: "a1", Action: "x.unknown"}, "a1", "Vous avez fait : x.unknown."},
	} {
		told, err := r.Say(t.Context(), tc.reader, []audit.Line{tc.line})
		if err != nil || len(told) != 1 || told[0].Said != tc.want {
			t.Errorf("got %+v, %v, want %s", told, err, tc.want)
		}
	}
}

func TestReaderAsksForEachNameOnce(t *testing.T) {
	n := &names{}
	r, err := audit.NewReader(n, spoken)
	if err != nil {
		t.Fatal(err)
	}
	lines := []audit.Line{{Actor: "a1"}, {Actor: audit.CLI}, {Actor: "a2"}, {Actor: "a1"}, {Actor: audit.Anonymous}, {Actor: ""}}
	if _, err := r.Say(t.Context(), "", lines); err != nil || strings.Join(n.asked, " ") != "a1 a2" {
		t.Errorf("asked for %v, %v", n.asked, err)
	}
	n.err = errors.New("no")
	if _, err := r.Say(t.Context(), "", lines); err == nil {
		t.Error("names that cannot be read are passed over in silence")
	}
	bare, err := audit.NewReader(nil, spoken)
	if err != nil {
		t.Fatal(err)
	}
	if told, err := bare.Say(t.Context(), "", lines[:1]); err != nil || told[0].Who != "une personne" {
		t.Errorf("without names: %+v, %v", told, err)
	}
}

func TestReaderRefusesSentencesThatCannotBe(t *testing.T) {
	count := map[string]audit.Arg{"n": audit.Number("n")}
	for name, s := range map[string][]audit.Sentence{
		"no author":        {{Action: "a.b", Text: "ce lieu a été importé"}},
		"verb with être":   {{Action: "a.b", Text: "{auteur} est venu"}},
		"present":          {{Action: "a.b", Text: "{auteur} importe ce lieu"}},
		"full stop":        {{Action: "a.b", Text: "{auteur} a importé ce lieu."}},
		"unknown argument": {{Action: "a.b", Text: "{auteur} a importé {x}"}},
		"unused argument":  {{Action: "a.b", Text: "{auteur} a importé ce lieu", Args: count}},
		"twice":            {spoken[0], spoken[0]},
	} {
		if _, err := audit.NewReader(nil, s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
