package place

import "viaduc/internal/audit"

// Sentences is how people read the journal's lines about places.
func Sentences() []audit.Sentence {
	fields := map[string]audit.Arg{"champs": audit.Words("champs", journalWords)}
	state := map[string]audit.Arg{"état": audit.Word("état", map[string]string{string(ReportDone): "corrigé", string(ReportDismissed): "sans suite"})}
	other := map[string]audit.Arg{"lieu": audit.Number("lieu")}
	return []audit.Sentence{
		{Action: "place.edit", Text: "{auteur} a corrigé ce lieu : {champs}", Args: fields},
		{Action: "place.verify", Text: "{auteur} a vérifié ce lieu : tout est juste"},
		{Action: "place.report", Text: "{auteur} a signalé une erreur sur ce lieu"},
		{Action: "place.report_close", Text: "{auteur} a fermé un signalement : {état}", Args: state},
		{Action: "place.declare", Text: "{auteur} a commencé la fiche d'un lieu"},
		{Action: "place.declare_mail", Text: "{auteur} a demandé le lien d'une fiche de lieu"},
		{Action: "place.declare_send", Text: "{auteur} a envoyé une fiche de lieu à l'équipe"},
		{Action: "place.declare_again", Text: "{auteur} a repris une fiche de lieu pour la corriger"},
		{Action: "place.declare_withdraw", Text: "{auteur} a retiré une fiche de lieu"},
		{Action: "place.restore", Text: "{auteur} a remis ce lieu dans un état d'avant : {champs}", Args: fields},
		{Action: "place.take", Text: "{auteur} a pris la valeur d'une source : {champs}", Args: fields},
		{Action: "place.keep", Text: "{auteur} a gardé la valeur d'ici : {champs}", Args: fields},
		{Action: "place.accept", Text: "{auteur} a accepté une fiche de lieu : {champs}", Args: fields},
		{Action: "place.refuse", Text: "{auteur} a refusé une fiche de lieu : {raison}", Args: map[string]audit.Arg{"raison": audit.Word("raison", map[string]string{
			string(RefusedKnown): "lieu déjà connu", string(RefusedOutside): "hors du territoire", string(RefusedNoHelp): "pas d'aide numérique",
			string(RefusedMissing): "trop peu d'informations", string(RefusedOther): "autre raison",
		})}},
		{Action: "place.ask", Text: "{auteur} a demandé par e-mail si ce lieu est toujours juste"},
		{Action: "place.silent", Text: "{auteur} a marqué ce lieu « à vérifier » : personne n'a répondu"},
		{Action: "place.confirm", Text: "{auteur} a confirmé ce lieu par son lien : tout est juste"},
		{Action: "place.photo_add", Text: "{auteur} a ajouté une photo de ce lieu"},
		{Action: "place.photo_remove", Text: "{auteur} a retiré une photo de ce lieu"},
		{Action: "place.photo_move", Text: "{auteur} a changé l'ordre des photos de ce lieu"},
		{Action: "place.merge", Text: "{auteur} a réuni ce lieu avec le lieu {lieu}", Args: other},
		{Action: "place.merged", Text: "{auteur} a réuni ce lieu dans le lieu {lieu}", Args: other},
		{Action: "place.unmerge", Text: "{auteur} a de nouveau séparé ce lieu du lieu {lieu}", Args: other},
		{Action: "place.unmerged", Text: "{auteur} a de nouveau séparé ce lieu du lieu {lieu}", Args: other},
		{Action: "place.distinct", Text: "{auteur} a vu que ce lieu et le lieu {lieu} sont deux lieux", Args: other},
		{Action: "place.import", Text: "{auteur} a importé ce lieu : {champs}", Args: fields},
	}
}

// journalWords are the names of fields in the journal, as readers know them.
var journalWords = map[string]string{
	"tous": "tous les champs", "état": "l'état", fieldToCheck: "la marque « à vérifier »", fieldMerged: "la réunion de deux lieux",
	"id": "le numéro chez sa source", "pivot": "le SIRET", "nom": "le nom", "commune": "la commune", "code_postal": "le code postal",
	"code_insee": "le code INSEE", "adresse": "l'adresse", "complement_adresse": "le complément d'adresse",
	"latitude": "la position", "longitude": "la position", "typologie": "le type", "telephone": "le téléphone", "courriels": "les adresses e-mail",
	"site_web": "le site internet", "horaires": "les horaires", "presentation_resume": "le résumé", "presentation_detail": "la présentation",
	"source": "la source", "itinerance": "l'itinérance", "structure_parente": "la structure", "date_maj": "la date de mise à jour",
	"services": "les services", "publics_specifiquement_adresses": "les publics", "prise_en_charge_specifique": "l'accueil adapté",
	"frais_a_charge": "le prix", "dispositif_programmes_nationaux": "les programmes", "formations_labels": "les labels",
	"autres_formations_labels": "les autres labels", "modalites_acces": "la façon de venir", "modalites_accompagnement": "la façon d'aider",
	"viaduc_offre": "ce que le lieu propose", "viaduc_acces": "l'accès du bâtiment", voucherColumn: "le Pass numérique", "viaduc_salles": "les salles",
	"viaduc_langues": "les langues", "viaduc_espaces": "les espaces partagés", "viaduc_espaces_prix": "le prix des espaces",
	"viaduc_espaces_acces": "l'accès aux espaces", "viaduc_espaces_lien": "la page des espaces", "viaduc_horaires_mediation": "les horaires du médiateur", "viaduc_organisation": "la structure", "viaduc_verifie_le": "la date de vérification",
	"fiche_acces_libre": "la page Acceslibre", "prise_rdv": "la prise de rendez-vous",
}
