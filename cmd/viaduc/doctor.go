package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"viaduc/internal/app"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/fetch"
	"viaduc/internal/platform/jobs"
	"viaduc/internal/platform/mail"
	"viaduc/internal/territory"
	"viaduc/internal/ui"
)

// checkColour refuses a colour that people could not read, and proposes the nearest that they can.
func checkColour(colour string) error {
	if colour == "" {
		return nil
	}
	proposal, ok, err := ui.ActionColour(colour)
	switch {
	case err != nil:
		return failf("écrivez la couleur comme #0b4f8a.")
	case !ok:
		return failf("la couleur %s est trop claire pour être lue par tous (contraste sous 7). La plus proche qui convient : %s.", colour, proposal)
	}
	return nil
}

type doctorCmd struct{}

// finding is one thing that doctor looked at.
type finding struct {
	ok   bool
	what string
	todo string // what to do when it is not well
}

func (c *doctorCmd) Run(r *run) error {
	findings := r.examine()
	ill := 0
	for _, f := range findings {
		if !f.ok {
			ill++
		}
		r.tell(f)
	}
	if ill > 0 {
		return errReported
	}
	return nil
}

func (r *run) tell(f finding) {
	if r.json {
		r.line(map[string]any{"ok": f.ok, "check": f.what, "todo": f.todo})
		return
	}
	if f.ok {
		r.say("bien       %s", f.what)
		return
	}
	r.say("à faire    %s\n           %s", f.what, f.todo)
}

// examine looks at the set-up in the order in which one installs it, and stops where the rest cannot be seen.
func (r *run) examine() []finding {
	var out []finding
	if !r.cfg.Scaled() {
		f := r.folder()
		out = append(out, f)
		if !f.ok {
			return out
		}
	}
	core, err := app.Open(r.ctx, r.cfg, app.Options{ReadOnly: true})
	if err != nil {
		return append(out, finding{what: "la base ne s'ouvre pas", todo: r.explain(err)})
	}
	defer core.Close()
	out = append(out, finding{ok: true, what: fmt.Sprintf("base %s, schéma à jour", core.DB.Engine())})
	if err := core.Refresh(r.ctx); err != nil {
		return append(out, finding{what: "la base ne se lit pas", todo: r.explain(err)})
	}
	out = append(out, r.content(core)...)
	if core.Geocoder != nil {
		out = append(out, r.geocoder(core))
	}
	out = append(out, r.providers(core)...)
	out = append(out, r.landing(core), r.journal(core), r.work(core))
	return append(out, r.messages(core)...)
}

// folder sees that the data folder is there and can be written.
func (r *run) folder() finding {
	info, err := os.Stat(r.cfg.Data)
	switch {
	case os.IsNotExist(err):
		return finding{what: "dossier " + r.cfg.Data, todo: "Il n'existe pas encore. La première commande le crée, par exemple : viaduc geo import communes.csv."}
	case err != nil:
		return finding{what: "dossier " + r.cfg.Data, todo: r.explain(err)}
	case !info.IsDir():
		return finding{what: "dossier " + r.cfg.Data, todo: "Ce n'est pas un dossier. Donnez-en un avec --data."}
	}
	probe, err := os.CreateTemp(r.cfg.Data, ".essai-*")
	if err != nil {
		return finding{what: "dossier " + r.cfg.Data, todo: "On ne peut pas y écrire. Donnez le droit d'écrire à l'utilisateur qui lance viaduc."}
	}
	_ = probe.Close() // empty
	_ = os.Remove(filepath.Join(r.cfg.Data, filepath.Base(probe.Name())))
	return finding{ok: true, what: "dossier " + r.cfg.Data}
}

// content sees whether residents will find what they need.
func (r *run) content(core *app.Core) []finding {
	communes, places := core.Territory.Gazetteer().Len(), core.Places.Index().Len()
	out := []finding{
		{ok: communes > 0, what: fmt.Sprintf("%d communes", communes), todo: "Importez-les : viaduc geo import communes.csv. Sans elles, on ne cherche pas par commune."},
		{ok: places > 0, what: fmt.Sprintf("%d lieux montrés", places), todo: "Importez-les : viaduc place import lieux.csv."},
	}
	if contours, err := core.Territory.Contours(r.ctx); err != nil {
		out = append(out, finding{what: "contours des communes", todo: r.explain(err)})
	} else if contours.Len() > 0 { // they are optional
		out = append(out, finding{ok: true, what: fmt.Sprintf("contours de %d communes", contours.Len())})
	}
	site, err := core.Territory.StoredSite(r.ctx, "")
	if err != nil && !fault.Is(err, fault.NotFound) {
		return append(out, finding{what: "le territoire", todo: r.explain(err)})
	}
	_, known := core.Territory.Gazetteer().Commune(site.MainCommune)
	return append(out,
		finding{ok: site.Name != "", what: "nom du territoire", todo: "viaduc territory set --name NOM"},
		finding{ok: site.Phone != "", what: "téléphone d'aide", todo: "viaduc territory set --phone NUMÉRO. Chaque page doit donner un numéro."},
		finding{ok: known, what: "ville que l'accueil regarde en premier", todo: "viaduc territory set --main-commune CODE. Le code INSEE d'une commune importée."},
		finding{ok: site.Publisher != "" && site.Director != "" && site.Hosting != "", what: "mentions légales", todo: "viaduc territory set --publisher ... --director ... --hosting ... La loi les demande."},
		finding{ok: site.DPO != "", what: "délégué à la protection des données", todo: "viaduc territory set --dpo \"Comment le joindre\""},
	)
}

// landing sees that no import was broken off on its way.
func (r *run) landing(core *app.Core) finding {
	landing, err := core.Places.Landing(r.ctx)
	if err != nil {
		return finding{what: "lieux", todo: r.explain(err)}
	}
	return finding{ok: !landing, what: "import des lieux", todo: "Un import est en cours, ou s'est arrêté en route. Lancez de nouveau la même commande d'import."}
}

// geocoder asks for an address that exists everywhere.
func (r *run) geocoder(core *app.Core) finding {
	f := finding{what: "géocodeur " + fetch.HostPort(r.cfg.GeocoderURL), todo: "Il ne répond pas. Vérifiez VIADUC_GEOCODER_URL et le réseau. En attendant, une recherche par adresse part du centre de la commune."}
	_, err := core.Geocoder.Locate(r.ctx, territory.Question{Text: "1 place de la mairie"})
	f.ok = err == nil
	return f
}

// providers sees that the identity providers publish their settings, without logging anybody in.
func (r *run) providers(core *app.Core) []finding {
	var out []finding
	for _, p := range core.Providers {
		_, _, err := p.Begin("")
		out = append(out, finding{
			ok: err == nil, what: p.Kind().Name(),
			todo: "Il ne répond pas, ou son adresse n'est pas la bonne. Vérifiez l'adresse (_ISSUER) et le réseau. En attendant, on entre autrement.",
		})
	}
	return out
}

// journal sees that the journal holds.
func (r *run) journal(core *app.Core) finding {
	rep, err := core.Journal.Verify(context.WithoutCancel(r.ctx))
	switch {
	case err != nil:
		return finding{what: "journal", todo: r.explain(err)}
	case rep.Bad != nil:
		return finding{what: "journal : il ne tient pas", todo: "viaduc audit verify dit quelle ligne."}
	}
	return finding{ok: true, what: fmt.Sprintf("journal intact, %d lignes", rep.Leaves+rep.Pending)}
}

// work sees that no job was given up.
func (r *run) work(core *app.Core) finding {
	counts, err := core.Jobs.Counts(r.ctx)
	if err != nil {
		return finding{what: "travaux", todo: r.explain(err)}
	}
	if n := counts[jobs.Dead]; n > 0 {
		return finding{what: fmt.Sprintf("%d travaux abandonnés", n), todo: "viaduc jobs list dit lesquels et pourquoi. Une fois la cause réparée : viaduc jobs retry NUMÉRO."}
	}
	return finding{ok: true, what: fmt.Sprintf("travaux : %d en attente, aucun abandonné", counts[jobs.Ready]+counts[jobs.Running])}
}

// messages sees whether people can be written to. Nothing set up is no fault: messages then go to a screen.
func (r *run) messages(core *app.Core) []finding {
	var out []finding
	if core.Notices.OnScreen() {
		out = append(out, finding{ok: true, what: "e-mails : aucun serveur, ils se lisent à l'écran et ne partent pas (VIADUC_SMTP_URL)"})
	} else {
		out = append(out, r.mailServer())
	}
	if r.cfg.SMSURL == "" {
		out = append(out, finding{ok: true, what: "SMS : aucun fournisseur, aucun ne part (VIADUC_SMS_URL)"})
	} else {
		out = append(out, r.texts(core))
	}
	if (r.cfg.SMTPURL != "" || r.cfg.SMSURL != "") && r.cfg.PublicURL == "" {
		out = append(out, finding{what: "liens des messages", todo: "Donnez l'adresse publique dans VIADUC_PUBLIC_URL, comme https://viaduc.exemple.fr. Sans elle, les liens mènent à cette machine."})
	}
	counts, err := core.Notices.Counts(r.ctx, identity.AtCLI())
	if err != nil {
		return append(out, finding{what: "messages", todo: r.explain(err)})
	}
	return append(out, finding{
		ok: counts[notice.Failed] == 0, what: fmt.Sprintf("messages : %d à envoyer, %d à dire ou à imprimer, %d ratés", counts[notice.Waiting], counts[notice.ByHand], counts[notice.Failed]),
		todo: "viaduc notice list --state failed dit lesquels. Une fois la cause réparée : viaduc notice retry --all.",
	})
}

// mailServer sees that the mail server answers and lets us in. It sends nothing.
func (r *run) mailServer() finding {
	server, err := mail.NewSMTP(mail.SMTPSettings{URL: r.cfg.SMTPURL, From: r.cfg.MailFrom, Now: time.Now, Timeout: 10 * time.Second})
	if err == nil {
		err = server.Check(r.ctx)
	}
	switch {
	case err == nil:
		return finding{ok: true, what: "serveur d'e-mails : il répond et nous laisse entrer"}
	case mail.KindOf(err) == mail.Setup:
		return finding{what: "serveur d'e-mails", todo: "Il refuse nos réglages : mot de passe, chiffrement ou certificat. Vérifiez VIADUC_SMTP_URL."}
	}
	return finding{what: "serveur d'e-mails", todo: "Il ne répond pas. Vérifiez VIADUC_SMTP_URL, et que cette machine a le droit de le joindre."}
}

// texts says what text messages may still cost.
func (r *run) texts(core *app.Core) finding {
	m, err := core.Notices.Meter(r.ctx)
	if err != nil {
		return finding{what: "SMS", todo: r.explain(err)}
	}
	return finding{
		ok: m.Spent.Cents() < m.Cap, what: fmt.Sprintf("SMS : %s dépensés ce mois, plafond %s", notice.Euros(m.Spent.Cents()), notice.Euros(m.Cap)),
		todo: "Le plafond est atteint : e-mail, puis liste d'appels. Pour le changer : viaduc notice cap EUROS.",
	}
}
