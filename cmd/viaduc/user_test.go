package main

import (
	"strings"
	"testing"

	"viaduc/internal/app"
	"viaduc/internal/config"
	"viaduc/internal/identity"
	"viaduc/internal/testkit"
)

// enrolled makes a folder with two administrators and returns the address of one.
func enrolled(t *testing.T) (dir, email string) {
	t.Helper()
	dir = testkit.SQLiteDir(t)
	core, err := app.Open(t.Context(), config.Config{Data: dir}, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	org, err := core.Identity.AddOrganisation(t.Context(), identity.AtCLI(), identity.Profile{Kind: identity.OrgCommune, Name: "Mairie d'exemple"})
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"une@exemple.fr", "deux@exemple.fr"} {
		_, _, err := core.Identity.EnrolStaff(t.Context(), identity.AtCLI(), identity.NewStaff{
			GivenName: "Personne", FamilyName: "Exemple", Email: email, Organisation: org.ID, Role: identity.Administrator,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir, "une@exemple.fr"
}

func TestAccountsFromTheCommandLine(t *testing.T) {
	dir, email := enrolled(t)
	for _, step := range []struct {
		args string
		ok   bool
		says string
	}{
		{"user list", true, "Personne Exemple"},
		{"user list", true, "Mairie d'exemple"},
		{"--json user list", true, `"role":"administrator"`},
		{"user disable " + email, true, "Le compte est fermé"},
		{"user list", true, "(compte fermé)"},
		{"user disable " + email, false, "plus dans cet état"},
		{"user disable deux@exemple.fr", false, "dernière personne qui administre"},
		{"user enable " + strings.ToUpper(email), true, "rouvert"},
		{"user enable " + email, false, "plus dans cet état"},
		{"user unlock " + email, true, "de nouveau essayer"},
		{"--json user disable deux@exemple.fr", true, `{"id":"`},
		{"audit verify", true, "intact"},
	} {
		out, err := viaduc(t, append([]string{"--data", dir}, strings.Fields(step.args)...)...).CombinedOutput()
		if (err == nil) != step.ok || !strings.Contains(string(out), step.says) {
			t.Errorf("viaduc %s: %v\n%s", step.args, err, out)
		}
	}
}
