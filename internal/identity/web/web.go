// Package web is how people meet accounts, organisations and rights in a browser: logging in and out, what is mine
// (/pro/compte), my organisation (/pro/structure), the administration of people and organisations (/pro/admin), and the
// public pages of those who help (/acteurs).
//
// Every page behind the log-in stands behind package gate. A form that is refused comes back filled, with what to put
// right; whatever changes something is a POST, then a redirect, so that a page can be loaded again.
package web

import (
	"embed"
	"html/template"
	"net/http"

	"viaduc/internal/identity"
	"viaduc/internal/identity/gate"
	"viaduc/internal/identity/oidc"
	"viaduc/internal/ui"
)

// Templates are the pages of this package.
//
//go:embed templates/*.html
var Templates embed.FS

// Locale holds the words of this package.
//
//go:embed locale/*.json
var Locale embed.FS

// Handlers serves the pages.
type Handlers struct {
	Kit      *ui.Kit
	Gate     *gate.Gate
	Identity *identity.Service

	Providers []*oidc.Provider // identity providers to log in with

	Commune     func(code string) string                                        // name of a commune, "" for an unknown code
	Places      func(p ui.Page, organisation identity.OrganisationID) []ui.Link // places that an organisation answers for; nil for none
	Day         func(r *http.Request, by identity.Actor) (template.HTML, error) // what somebody of the team does today; nil for nothing
	OwnSections func(r *http.Request, by identity.Actor) ([]OwnSection, error)  // what other modules keep for a resident; nil for nothing
	HomeTiles   []AdminTile                                                     // what other modules give the team to do
	AdminTiles  []AdminTile                                                     // what other modules administer
}

// AdminTile is a way in on /pro or /pro/admin, for those whose role may do the action.
type AdminTile struct {
	Action identity.Action
	Tile   ui.Tile
}

// Routes mounts the pages.
func (h *Handlers) Routes(mux ui.Mux) {
	public := func(pattern string, f func(http.ResponseWriter, *http.Request) error) {
		mux.Handle(pattern, h.Kit.Handle(f))
	}
	staff := func(pattern string, action identity.Action, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Staff(action, f)))
	}
	anyone := func(pattern string, action identity.Action, f gate.Handler) {
		mux.Handle(pattern, h.Kit.Handle(h.Gate.Anyone(action, f)))
	}
	public("GET /connexion", h.showLogin)
	public("POST /connexion", h.login)
	public("GET /connexion/etape", h.showFactor)
	public("POST /connexion/etape", h.finishFactor)
	public("GET /connexion/mot-de-passe", h.showAskReset)
	public("POST /connexion/mot-de-passe", h.askReset)
	public("GET "+identity.ResetPath+"{jeton}", h.showReset)
	public("POST "+identity.ResetPath+"{jeton}", h.reset)
	public("GET "+identity.ReproofPath+"{jeton}", h.showReproof)
	public("POST "+identity.ReproofPath+"{jeton}", h.reprove)
	public("GET "+identity.InvitationPath+"{jeton}", h.showInvitation)
	public("POST "+identity.InvitationPath+"{jeton}", h.acceptInvitation)
	public("POST /connexion/moyens", h.enrolTOTP)
	public("POST /connexion/cle/{pour}", h.beginPasskey)
	public("POST /connexion/cle/{pour}/reponse", h.finishPasskey)
	public("GET "+identity.LinkPath+"{jeton}", h.showLink)
	public("POST "+identity.LinkPath+"{jeton}", h.useLink)

	for _, kind := range oidc.Kinds() {
		public("GET "+kind.StartPath(), h.startFederated(kind))
		public("GET "+kind.CallbackPath(), h.finishFederated(kind))
		public("GET "+kind.LogoutPath(), h.leftFederated)
	}
	public("GET "+linkingPath, h.showLinking)
	public("POST "+linkingPath, h.tieIdentity)

	public("GET /connexion/habitant", h.showAskCode)
	public("POST /connexion/habitant", h.askCode)
	public("GET /connexion/habitant/code", h.showCode)
	public("POST /connexion/habitant/code", h.proveCode)
	public("POST /connexion/habitant/qui", h.chooseWho)
	public("GET "+identity.CardPath+"{jeton}", h.showCard)
	public("POST "+identity.CardPath+"{jeton}", h.useCard)
	anyone("GET /compte", identity.AccountSelf, h.showOwn)
	anyone("POST /compte", identity.AccountSelf, h.changeOwn)
	anyone("GET /compte/effacer", identity.AccountSelf, h.askErase)

	staff("GET /pro/compte/confirmer", identity.FactorEdit, h.showConfirm)
	staff("POST /pro/compte/confirmer", identity.FactorEdit, h.confirm)
	staff("GET "+meansPath, identity.FactorEdit, h.showMeans)
	staff("POST "+meansPath, identity.FactorEdit, h.changeMeans)
	staff("POST "+meansPath+"/ajouter", identity.FactorEdit, h.askTOTP)
	staff("POST "+meansPath+"/code", identity.FactorEdit, h.addTOTP)
	staff("POST /pro/compte/cle/{pour}", identity.FactorEdit, h.beginOwnPasskey)
	staff("POST /pro/compte/cle/{pour}/reponse", identity.FactorEdit, h.finishOwnPasskey)

	staff("POST /pro/structures/{id}/invitations", identity.Invite, h.invite)
	staff("GET /pro/structures/{id}/invitations", identity.Invite, h.showInvite)
	staff("GET /pro/habitants", identity.ResidentAdd, h.showResidents)
	staff("POST /pro/habitants", identity.ResidentAdd, h.addResident)
	staff("POST /pro/habitants/carte", identity.ResidentAdd, h.printCard)
	staff("GET /pro/admin/retours", identity.ReproofConfirm, h.listReproofs)
	staff("POST /pro/admin/retours", identity.ReproofConfirm, h.answerReproof)
	public("POST /deconnexion", h.logout)
	public("GET /deconnexion", h.showLoggedOut)

	staff("GET /pro", identity.AccountSelf, h.showHome)
	staff("GET /pro/compte", identity.AccountSelf, h.showSelf)
	staff("POST /pro/compte", identity.AccountSelf, h.renameSelf)
	staff("POST /pro/compte/structure", identity.AccountSelf, h.switchOrganisation)
	staff("POST /pro/compte/sessions", identity.SessionClose, h.closeSession)
	staff("GET /pro/compte/depart", identity.AccountSelf, h.askLeave)
	staff("POST /pro/compte/depart", identity.AccountSelf, h.leave)

	staff("GET /pro/structure", identity.AccountSelf, h.showOwnOrganisation)
	staff("GET /pro/structures/{id}", identity.OrganisationSee, h.showOrganisation)
	staff("GET /pro/structures/{id}/modifier", identity.OrganisationSet, h.editOrganisation)
	staff("POST /pro/structures/{id}/modifier", identity.OrganisationSet, h.saveOrganisation)
	staff("GET /pro/membres/{id}", identity.MembershipEdit, h.editMember)
	staff("POST /pro/membres/{id}", identity.MembershipEdit, h.saveMember)

	staff("GET /pro/admin", identity.AuditSearch, h.showAdmin)
	staff("GET /pro/admin/comptes", identity.AccountRead, h.listAccounts)
	staff("GET /pro/admin/comptes/{id}", identity.AccountRead, h.showAccount)
	staff("POST /pro/admin/comptes/{id}", identity.AccountUnlock, h.changeAccount)
	staff("GET /pro/admin/structures", identity.OrganisationSee, h.listOrganisations)
	staff("GET /pro/admin/structures/ajouter", identity.OrganisationAdd, h.newOrganisation)
	staff("POST /pro/admin/structures/ajouter", identity.OrganisationAdd, h.addOrganisation)
	staff("GET /pro/admin/structures/{id}/reunir", identity.OrganisationEnd, h.askMerge)
	staff("POST /pro/admin/structures/{id}/reunir", identity.OrganisationEnd, h.merge)

	public("GET /acteurs", h.listActors)
	public("GET /acteurs/{slug}", h.showActor)
}

// done is where a POST leads once it is done, with the key of what to say there. Only keys of doneWords are said.
func done(w http.ResponseWriter, r *http.Request, path, key string) error {
	http.Redirect(w, r, path+"?fait="+key, http.StatusSeeOther)
	return nil
}

// doneWords are what pages say after a redirect.
var doneWords = map[string]string{
	"nom": "Votre nom est changé.", "session": "Cet appareil est déconnecté.", "sessions": "Vos autres appareils sont déconnectés.",
	"fiche": "La fiche est enregistrée.", "role": "Les droits sont changés. La personne doit se connecter de nouveau.",
	"depart": "La personne ne fait plus partie de cette structure. Ce qu'elle a fait reste.", "suspendu": "Les droits sont suspendus.",
	"desactive": "Le compte est désactivé. Ses appareils sont déconnectés.", "active": "Le compte est de nouveau actif.",
	"ajoute": "La structure est ajoutée.", "reunies": "Les deux structures n'en font plus qu'une. Rien n'est perdu.",
	"rejoint": "Vous faites maintenant partie de cette structure.", "moyens": "C'est enregistré. Vos autres appareils sont déconnectés.",
	"motdepasse": "Votre mot de passe est changé. Vos autres appareils sont déconnectés.", "carte": "Votre carte est bloquée. Demandez-en une autre.",
	"efface": "Votre compte est effacé.", "invite": "L'invitation est partie.", "revoquee": "L'invitation ne vaut plus rien.",
	"debloque": "Cette personne peut essayer de nouveau.", "retour": "C'est noté. Une autre personne doit confirmer.",
	"confirme": "La personne reçoit un lien pour choisir de nouveaux moyens.", "refuse": "La demande est refusée.",
	"garde": "Ce lieu est gardé dans votre compte.", "retire": "Ce lieu n'est plus dans votre compte.", "alerte": "L'alerte est arrêtée.",
	"note": "C'est noté.", "relie": "C'est relié. La prochaine fois, vous pourrez entrer ainsi.", "structure": "Vous travaillez maintenant pour cette structure.", "deconnexions": "Tous les appareils de cette personne sont déconnectés.",
}

// said is the message that a redirect asked for.
func said(r *http.Request) ui.Message {
	text, ok := doneWords[r.URL.Query().Get("fait")]
	if !ok {
		return ui.Message{}
	}
	return ui.Message{Kind: ui.Success, Text: text}
}

// roleWords are the roles as the screen says them.
var roleWords = map[identity.Role]string{
	identity.Mediator: "Médiateur, médiatrice", identity.Helper: "Aidant, aidante", identity.Volunteer: "Bénévole", identity.Relay: "Relais",
	identity.Manager: "Responsable de structure", identity.Officer: "Chargé de mission", identity.Administrator: "Administrateur, administratrice",
	identity.Partner: "Partenaire", identity.Elected: "Élu, élue", identity.DPO: "Délégué à la protection des données",
}

// kindWords are the kinds of organisations as the screen says them.
var kindWords = map[identity.OrganisationKind]string{
	identity.OrgDepartment: "Département", identity.OrgEPCI: "Intercommunalité", identity.OrgCommune: "Commune", identity.OrgCCAS: "CCAS",
	identity.OrgAssociation: "Association", identity.OrgMediation: "Structure de médiation numérique", identity.OrgRelay: "Relais",
	identity.OrgOperator: "Opérateur (La Poste, CAF...)", identity.OrgState: "Service de l'État", identity.OrgOther: "Autre",
}
