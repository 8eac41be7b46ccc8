package retention

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"viaduc/internal/territory"
)

// Processing is the register of processing activities that RGPD art. 30 asks for, as the rules and the territory give it.
type Processing struct {
	Controller Controller
	MadeOn     time.Time
	Activities []Activity
	Measures   []string // of security
}

// Controller is who answers for the processing. What the territory has not said is empty, never made up.
type Controller struct {
	Name, Publisher, Director string
	Phone, Email              string
	DPO                       string
	Example                   bool // the territory is an example
}

// Activity is a processing: the rules that belong together.
type Activity struct {
	Name  string
	Rules []Kept
}

// Kept is a rule with the duration in force.
type Kept struct {
	Rule
	Term Term
}

// Processing returns the register, in the words of the territory that a host speaks for.
func (s *Service) Processing(ctx context.Context, host string) (Processing, error) {
	states, err := s.States(ctx)
	if err != nil {
		return Processing{}, err
	}
	p := Processing{Controller: controller(s.territory.Site(host)), MadeOn: s.now().In(s.zone), Measures: slices.Clone(s.measures)}
	for _, st := range states {
		i := slices.IndexFunc(p.Activities, func(a Activity) bool { return a.Name == st.Activity })
		if i < 0 {
			i = len(p.Activities)
			p.Activities = append(p.Activities, Activity{Name: st.Activity})
		}
		p.Activities[i].Rules = append(p.Activities[i].Rules, Kept{st.Rule, st.Current})
	}
	return p, nil
}

func controller(s territory.Site) Controller {
	return Controller{
		Name: s.Name, Publisher: s.Publisher, Director: s.Director, Phone: s.Phone, Email: s.Email, DPO: s.DPO, Example: s.Example,
	}
}

// Markdown is the register as a text that reads as it is, and that Markdown programs lay out.
func (p Processing) Markdown() string {
	w := &strings.Builder{}
	fmt.Fprintf(w, "# Registre des activités de traitement : %s\n\n", p.Controller.Name)
	fmt.Fprintf(w, "Article 30 du RGPD. Fait par Viaduc le %s, avec les durées en vigueur ce jour.\n\n", p.MadeOn.Format("02/01/2006"))
	if p.Controller.Example {
		fmt.Fprint(w, "Ce territoire est un exemple : ses données sont inventées.\n\n")
	}
	fmt.Fprint(w, "## Responsable du traitement\n\n")
	c := p.Controller
	fields(w, [][2]string{
		{"Organisme", c.Publisher}, {"Représentant", c.Director}, {"Téléphone", c.Phone}, {"E-mail", c.Email}, {"Délégué à la protection des données", c.DPO},
	})
	fmt.Fprint(w, "\n## Mesures de sécurité\n\n")
	for _, m := range p.Measures {
		fmt.Fprintf(w, "- %s\n", m)
	}
	if len(p.Measures) == 0 {
		fmt.Fprint(w, toSay+"\n")
	}
	for i, a := range p.Activities {
		fmt.Fprintf(w, "\n## Activité %d : %s\n", i+1, a.Name)
		for _, k := range a.Rules {
			k.markdown(w)
		}
	}
	return w.String()
}

func (k Kept) markdown(w *strings.Builder) {
	fmt.Fprintf(w, "\n### %s\n\n", capital(k.Keeps))
	receives := strings.Join(k.Receives, " ; ")
	if receives == "" {
		receives = "personne d'autre que ceux qui les gardent"
	}
	abroad := k.Abroad
	if abroad == "" {
		abroad = "aucun"
	}
	after := k.Erases
	for _, more := range []struct{ label, text string }{{"reste sans nommer personne : ", k.Anonymises}, {"restent : ", k.Statistics}} {
		if more.text != "" {
			after += " ; " + more.label + more.text
		}
	}
	rows := [][2]string{
		{"But", k.Purpose},
		{"Base légale", k.Basis.French()},
		{"Personnes concernées", k.People},
		{"Destinataires", receives},
		{"Transferts hors de l'Union européenne", abroad},
		{"Durée de conservation", k.Term.French() + ", à partir " + k.From},
	}
	if k.Warn != nil {
		rows = append(rows, [2]string{"Avant d'effacer", "la personne est prévenue " + k.Warn.Ahead.French() + " avant"})
	}
	fields(w, append(rows, [2]string{"Ensuite s'efface", after}, [2]string{"Règle", "`" + k.Key + "`"}))
}

// toSay stands for what the territory has not said yet: the register is not whole without it.
const toSay = "à compléter"

// fields writes a list of names and values.
func fields(w *strings.Builder, rows [][2]string) {
	for _, r := range rows {
		value := oneLine(r[1])
		if value == "" {
			value = toSay
		}
		fmt.Fprintf(w, "- **%s** : %s\n", r[0], value)
	}
}

// oneLine keeps a text of the territory from breaking the layout.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func capital(text string) string {
	r := []rune(text)
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}
