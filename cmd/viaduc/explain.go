package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"viaduc/internal/app"
	"viaduc/internal/audit"
	"viaduc/internal/config"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/httpx"
	"viaduc/internal/platform/mail"
	"viaduc/internal/platform/sms"
	"viaduc/internal/platform/table"
	"viaduc/internal/territory"
)

// explain turns an error into one clear French sentence that says what to do.
func (r *run) explain(err error) string {
	var f failure
	var u usageError
	var p *table.Problem
	var path *fs.PathError
	var part *place.Interrupted
	switch {
	case errors.As(err, &f):
		return string(f)
	case errors.As(err, &u):
		return string(u)
	case errors.As(err, &p):
		return explainTable(p)
	case errors.As(err, &part):
		return fmt.Sprintf("l'import s'est arrêté : %d lignes sur %d sont faites. Lancez la même commande de nouveau, elle fera les autres.", part.Landed, part.Rows)
	case errors.Is(err, context.Canceled):
		return "interrompu. Rien n'a changé."
	case errors.Is(err, app.ErrNoData):
		return fmt.Sprintf("aucune base dans le dossier %s. Donnez le bon dossier avec --data.", r.cfg.Data)
	case errors.Is(err, app.ErrNoJournalKey):
		return "il manque la clé du journal. Donnez la même à tous les nœuds, dans VIADUC_JOURNAL_KEY ou VIADUC_JOURNAL_KEY_FILE. Pour en faire une : viaduc audit new-key."
	case errors.Is(err, app.ErrKeyLost):
		return fmt.Sprintf("la clé du journal %s a disparu, et le journal est signé avec elle. Remettez-la depuis votre sauvegarde.", r.cfg.JournalKeyFile())
	case errors.Is(err, audit.ErrNoKey):
		return "il manque la clé du journal : sans elle, les signatures ne se vérifient pas. Donnez VIADUC_JOURNAL_KEY, ou remettez le fichier journal.key."
	case errors.Is(err, app.ErrOldSchema):
		return "la base est plus ancienne que ce programme. Mettez-la à jour : viaduc migrate."
	case errors.Is(err, config.ErrGeocoderURL):
		return "l'adresse du géocodeur ne se lit pas. Elle ressemble à https://data.geopf.fr/geocodage, sans nom ni mot de passe. Corrigez VIADUC_GEOCODER_URL."
	case errors.Is(err, territory.ErrGroundURL):
		return "l'adresse du service des communes ne se lit pas. Elle ressemble à https://geo.api.gouv.fr, sans nom ni mot de passe. Corrigez VIADUC_GEO_URL."
	case errors.Is(err, config.ErrTilesURL):
		return "l'adresse du fond de carte ne se lit pas. Elle ressemble à https://hote/{z}/{x}/{y}.png, sans nom ni mot de passe, avec {z}, {x} et {y} une fois chacun. Corrigez VIADUC_TILES_URL."
	case errors.Is(err, config.ErrTilesSource):
		return "il manque la mention que le fournisseur du fond de carte demande. Donnez-la dans VIADUC_TILES_ATTRIBUTION, comme : © les contributeurs d'OpenStreetMap."
	case errors.Is(err, config.ErrRegisterURL):
		return "l'adresse du registre ne se lit pas. Elle ressemble à https://recherche-entreprises.api.gouv.fr, sans nom ni mot de passe. Corrigez VIADUC_REGISTER_URL."
	case errors.Is(err, db.ErrAddress):
		return "l'adresse de la base ne se lit pas. Elle ressemble à postgres://utilisateur:motdepasse@machine:5432/base."
	case errors.Is(err, mail.ErrURL):
		return "VIADUC_SMTP_URL ne se lit pas. Elle ressemble à smtps://utilisateur:motdepasse@machine:465 ; dans le mot de passe, écrivez %40 pour @."
	case errors.Is(err, mail.ErrFrom):
		return "il manque l'expéditeur des e-mails. Donnez-le dans VIADUC_MAIL_FROM, comme : Nom du territoire <ne-pas-repondre@exemple.fr>."
	case errors.Is(err, sms.ErrURL):
		return "VIADUC_SMS_URL ne se lit pas. Elle ressemble à json+https://:JETON@machine/chemin?from=NOM ou à form+https://utilisateur:motdepasse@machine/chemin?from=NOM."
	case errors.Is(err, sms.ErrPrice):
		return "VIADUC_SMS_PRICE ne se lit pas. C'est le prix d'un SMS en euros, comme 0.045."
	case errors.Is(err, oidc.ErrSettings):
		return "il manque un réglage de ProConnect ou de FranceConnect, ou il ne se lit pas. Donnez VIADUC_PROCONNECT_ISSUER, _CLIENT_ID et _CLIENT_SECRET (de même pour VIADUC_FRANCECONNECT), et VIADUC_PUBLIC_URL."
	case errors.Is(err, notice.ErrPublicURL):
		return "l'adresse publique ne se lit pas. Donnez-la dans VIADUC_PUBLIC_URL, comme https://viaduc.exemple.fr, sans dossier."
	case errors.Is(err, httpx.ErrTaken):
		return "cette adresse est déjà prise par un autre programme. Choisissez un autre port, par exemple --addr 127.0.0.1:8081."
	case db.IsNotDatabase(err):
		return fmt.Sprintf("le fichier %s n'est pas une base Viaduc. Donnez un autre dossier avec --data.", r.cfg.DatabaseFile())
	case db.IsBusy(err):
		return "la base est occupée par un autre programme. Réessayez dans un moment."
	case db.IsUnreachable(err):
		return "la base PostgreSQL ne répond pas. Vérifiez VIADUC_DATABASE_URL et que le serveur est démarré."
	case errors.As(err, &path):
		return explainPath(path)
	}
	if refused, ok := fault.As(err); ok {
		return r.explainFault(refused)
	}
	return "erreur inattendue : " + err.Error()
}

func (r *run) explainFault(f *fault.Error) string {
	text := r.words.T(f.Message.Key, f.Message.Args...)
	var fields []string
	for _, m := range f.Fields {
		fields = append(fields, r.words.T(m.Key, m.Args...))
	}
	slices.Sort(fields)
	return strings.Join(append([]string{text}, fields...), " ")
}

func explainPath(e *fs.PathError) string {
	switch {
	case errors.Is(e, os.ErrNotExist):
		return fmt.Sprintf("le fichier %s n'existe pas. Vérifiez son nom.", e.Path)
	case errors.Is(e, os.ErrPermission):
		return fmt.Sprintf("vous n'avez pas le droit de lire ou d'écrire %s.", e.Path)
	}
	return fmt.Sprintf("%s : %v", e.Path, e.Err)
}

// explainTable says what is wrong with a file that is no table.
func explainTable(p *table.Problem) string {
	at := ""
	if p.Line > 0 {
		at = fmt.Sprintf("ligne %d : ", p.Line)
	}
	switch p.Kind {
	case table.Empty:
		return "le fichier est vide. Vérifiez que c'est le bon fichier."
	case table.Binary:
		return "ce fichier n'est pas un texte. Depuis un tableur, enregistrez-le au format CSV."
	case table.LineTooLong:
		return at + "la ligne ne finit pas. Un guillemet est resté ouvert, ou ce fichier n'est pas un tableau CSV."
	case table.Quote:
		return at + "un guillemet est mal placé ou n'est pas fermé. Dans une case, un guillemet s'écrit deux fois, entre guillemets."
	case table.Columns:
		return at + "il n'y a pas le même nombre de cases que de colonnes. Corrigez cette ligne."
	case table.DoubledColumn:
		return fmt.Sprintf("la colonne « %s » est là deux fois. Gardez-en une.", p.Name)
	case table.TooManyFields:
		return "il y a plus de mille colonnes : ce fichier n'est pas une liste de lieux."
	}
	return p.Error()
}
