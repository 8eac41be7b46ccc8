package web

import (
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, Locale, Templates, map[string]any{"place_keep": keepPage{}, "place_list": placeList{}, "place_parts": partsPage{}, "place_print": printPage{}, "place_poster": posterPage{}, "place_orientation": orientationPage{},
		"place_photos": photoPage{}, "team_photos": photosForm{}, "place_embed": embedPage{}, "place_embed_help": embedHelp{},
		"place_map": placeMap{}, "place_page": placePage{}, "place_downloads": downloadPage{}, "report_topics": reportTopics{}, "report_details": reportDetails{}, "report_thanks": reportThanks{},
		"declare_intro": declareIntro{}, "declare_question": question{}, "declare_register": registerPage{}, "declare_check": checkPage{}, "declare_state": statePage{},
		"declare_map": mapPage{}, "declare_keep": keepLinkPage{}, "declare_withdraw": withdrawPage{}, "declare_lost": lostPage{}, "declare_correct": correctPage{},
		"team_list": teamList{}, "team_place": managedPage{}, "team_edit": editPage{}, "team_clash": clashPage{}, "team_history": historyPage{}, "team_restore": restorePage{},
		"team_reports": reportList{}, "team_differences": differenceList{}, "team_queue": queuePage{}, "team_declared": declaredPage{}, "team_accept": acceptPage{},
		"team_verify": verifyPage{}, "confirm_place": confirmPage{},
		"duplicate_list": duplicateList{}, "duplicate_pair": pairPage{}, "duplicate_check": mergePage{}, "duplicate_split": splitPage{},
	})
}

func TestCalm(t *testing.T) {
	for in, want := range map[string]string{
		"LA ROCHELLE":                      "La Rochelle",
		"73 RUE TOUFAIRE":                  "73 rue Toufaire",
		"CENTRE COMMUNAL D'ACTION SOCIALE": "Centre Communal d'Action Sociale",
		"CCAS DE SAINTES":                  "CCAS de Saintes",
		"SAINT-PIERRE-D'OLÉRON":            "Saint-Pierre-d'Oléron",
		"MJC":                              "MJC",
		"Médiathèque de Saintes":           "Médiathèque de Saintes",
		"ÉCOLE":                            "École",
		"":                                 "",
		"17300":                            "17300",
		"العربية":                          "العربية",
	} {
		if got := calm(in); got != want {
			t.Errorf("calm(%q) = %q, want %q", in, got, want)
		}
	}
}
