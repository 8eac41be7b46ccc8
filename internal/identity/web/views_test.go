package web

import (
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, Locale, Templates, map[string]any{
		"identity_link": linkPage{}, "identity_logged_out": loggedOutPage{}, "identity_home": homePage{}, "identity_self": selfPage{},
		"identity_leave": leavePage{}, "identity_organisation": organisationPage{}, "identity_profile": profileForm{}, "identity_member": memberForm{},
		"identity_admin": adminPage{}, "identity_accounts": accountList{}, "identity_account": accountPage{},
		"identity_organisations": organisationList{}, "identity_merge": mergeForm{}, "identity_actors": actorsPage{}, "identity_actor": actorPage{}, "identity_login": loginPage{}, "identity_linking": linkingView{}, "identity_factor": factorPage{}, "identity_ask_reset": resetPage{},
		"identity_password": passwordPage{}, "identity_invitation": invitationPage{}, "identity_enrol": enrolPage{}, "identity_recovery": recoveryPage{},
		"identity_resident": residentPage{}, "identity_own": ownPage{}, "identity_erase": leavePage{}, "identity_means": meansPage{},
		"identity_invite": invitePage{}, "identity_residents": residentsPage{}, "identity_printed_card": cardPage{}, "identity_reproofs": reproofPage{},
		"identity_passkey": passkeyButton{},
	})
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                               "Firefox, Linux",
		"Mozilla/5.0 (Linux; Android 8.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0 Mobile Safari/537.36":             "Chrome, Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/15.0 Safari/604": "Safari, iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0":                    "Edge, Windows",
		"curl/8": "Navigateur",
		"":       "Navigateur",
	} {
		if got := device(agent); got != want {
			t.Errorf("device(%q) = %q, want %q", agent, got, want)
		}
	}
}
