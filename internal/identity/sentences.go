package identity

import (
	"context"

	"viaduc/internal/audit"
)

// RoleWord is the role as people read it.
func RoleWord(r Role) string { return roleWords[string(r)] }

var roleWords = map[string]string{
	string(Mediator): "médiateur", string(Helper): "aidant", string(Volunteer): "bénévole", string(Relay): "relais", string(Manager): "responsable de structure",
	string(Officer): "chargé de mission", string(Administrator): "administrateur", string(Partner): "partenaire", string(Elected): "élu",
	string(DPO): "délégué à la protection des données",
}

// Sentences is how people read the journal's lines about accounts, organisations and rights. A line is about the account
// or the organisation that its page names.
func Sentences() []audit.Sentence {
	methods := map[string]string{
		string(ByPassword): "un mot de passe et une deuxième preuve", string(ByPasskey): "une clé d'accès", string(ByFederated): "un compte de l'État",
		string(ByCode): "un code", string(ByCard): "une carte", string(ByLink): "un lien à usage unique",
	}
	steps := map[string]string{"mot de passe": "le mot de passe", "code": "le code", "carte": "la carte"}
	states := map[string]string{string(AccountActive): "actif", string(AccountDisabled): "désactivé"}
	what := func(detail string, words map[string]string) map[string]audit.Arg {
		return map[string]audit.Arg{"quoi": audit.Word(detail, words)}
	}
	role := map[string]audit.Arg{"role": audit.Word("role", roleWords)}
	changes := map[string]string{}
	for _, w := range []string{
		"nom", "adresse", "carte", "carte bloquée", "compte", "effacé", "structure", "droits", "suspension", "départ", "arrivée", "révoquée", "mot de passe",
		"code à usage unique ajouté", "code à usage unique retiré", "clé d'accès ajoutée", "clé d'accès retirée", "clé d'accès nommée", "codes de secours",
		"compte de l'État", "compte lié",
	} {
		changes[w] = w
	}
	return []audit.Sentence{
		{Action: loginDone, Text: "{auteur} a ouvert une session avec {quoi}", Args: what("méthode", methods)},
		{Action: loginFailed, Text: "{auteur} a essayé d'ouvrir une session, sans y arriver : {quoi}", Args: what("étape", steps)},
		{Action: loggedOut, Text: "{auteur} a fermé sa session"},
		{Action: string(AccountSelf), Text: "{auteur} a changé ce compte : {quoi}", Args: what("change", changes)},
		{Action: string(AccountDisable), Text: "{auteur} a rendu ce compte {quoi}", Args: what("état", states)},
		{Action: string(AccountUnlock), Text: "{auteur} a mis fin à l'attente de ce compte"},
		{Action: string(ReproofAsk), Text: "{auteur} a demandé de nouveaux moyens de connexion pour ce compte"},
		{Action: string(ReproofConfirm), Text: "{auteur} a répondu à la demande de nouveaux moyens de connexion"},
		{Action: string(Invite), Text: "{auteur} a invité une personne ({role})", Args: role},
		{Action: string(MembershipEdit), Text: "{auteur} a changé les droits de cette personne : {quoi} ({role})", Args: map[string]audit.Arg{
			"quoi": audit.Word("change", changes), "role": audit.Word("role", roleWords),
		}},
		{Action: string(SessionClose), Text: "{auteur} a fermé des sessions de ce compte"},
		{Action: string(FactorEdit), Text: "{auteur} a changé les moyens de connexion : {quoi}", Args: what("change", changes)},
		{Action: string(ResidentAdd), Text: "{auteur} a ouvert un compte d'habitant, ou changé sa carte : {quoi}", Args: what("change", changes)},
		{Action: string(OrganisationAdd), Text: "{auteur} a ajouté cette structure"},
		{Action: string(OrganisationSet), Text: "{auteur} a changé la fiche de cette structure"},
		{Action: string(OrganisationEnd), Text: "{auteur} a réuni, transféré ou fermé cette structure"},
		{Action: string(ScopeEdit), Text: "{auteur} a changé un territoire de droits"},
	}
}

// AccountNames says who accounts are to readers of the journal, by where they work and not by name: "une personne de La
// Passerelle". An account without a membership that lasts is "une personne de l'équipe", a resident "un habitant".
func (s *Service) AccountNames(ctx context.Context, accounts []string) (map[string]string, error) {
	return accountNames(ctx, s.db, accounts)
}
