package identity_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/territory"
	"viaduc/internal/testkit"
)

var ground = territory.NewGazetteer([]territory.Commune{
	{Code: rochefort, Department: "17", EPCI: rochefortOcean},
	{Code: tonnay, Department: "17", EPCI: rochefortOcean},
	{Code: saintes, Department: "17", EPCI: saintesGrand},
	{Code: nerac, Department: "47", EPCI: albret},
}, nil)

func member(role identity.Role) identity.Actor {
	return identity.Actor{
		Account: "me", Kind: identity.Staff, Membership: "m", Organisation: "ours", Role: role, SecondFactorAt: time.Unix(1, 0),
		Scope: identity.NewScope(identity.Scope{ID: "s", Kind: identity.ScopeDepartment, Code: "17"}, ground, nil),
	}
}

func TestCan(t *testing.T) {
	t.Parallel()
	without := func(change func(a *identity.Actor)) identity.Actor {
		a := member(identity.Administrator)
		change(&a)
		return a
	}
	place := func(org identity.OrganisationID, owner identity.AccountID, commune string) identity.Object {
		return identity.Object{Kind: identity.ObjectPlace, Organisation: org, Owner: owner, Commune: commune}
	}
	for name, c := range map[string]struct {
		actor  identity.Actor
		action identity.Action
		object identity.Object
		want   bool
	}{
		"mediator, own organisation":        {member(identity.Mediator), identity.PlaceEdit, place("ours", "", nerac), true},
		"mediator, what they created":       {member(identity.Mediator), identity.PlaceEdit, place("theirs", "me", nerac), true},
		"mediator, other organisation":      {member(identity.Mediator), identity.PlaceEdit, place("theirs", "you", rochefort), false},
		"mediator, no organisation said":    {member(identity.Mediator), identity.PlaceEdit, place("", "", ""), false},
		"officer, in scope":                 {member(identity.Officer), identity.PlaceEdit, place("theirs", "you", rochefort), true},
		"officer, out of scope":             {member(identity.Officer), identity.PlaceEdit, place("theirs", "you", nerac), false},
		"officer, no commune said":          {member(identity.Officer), identity.PlaceEdit, place("theirs", "you", ""), false},
		"elected reads only":                {member(identity.Elected), identity.PlaceEdit, place("ours", "me", rochefort), false},
		"administrator":                     {member(identity.Administrator), identity.PlaceEdit, place("", "", ""), true},
		"administrator, wrong kind":         {member(identity.Administrator), identity.PlaceEdit, identity.Object{Kind: identity.ObjectAccount}, false},
		"administrator, no kind":            {member(identity.Administrator), identity.PlaceEdit, identity.Object{}, false},
		"administrator, unknown action":     {member(identity.Administrator), "place.explode", place("ours", "me", rochefort), false},
		"command line, unknown action":      {identity.AtCLI(), "place.explode", place("", "", ""), false},
		"command line":                      {identity.AtCLI(), identity.PlaceImport, place("", "", ""), true},
		"system":                            {identity.TheSystem(), identity.PlaceEdit, place("", "", ""), true},
		"anonymous reads":                   {identity.Nobody(), identity.PlaceRead, place("", "", ""), true},
		"anonymous does not edit":           {identity.Nobody(), identity.PlaceEdit, place("", "", ""), false},
		"the zero actor may not even read":  {identity.Actor{}, identity.PlaceRead, place("", "", ""), false},
		"unknown kind of actor":             {without(func(a *identity.Actor) { a.Kind = "robot" }), identity.PlaceRead, place("", "", ""), false},
		"unknown role":                      {without(func(a *identity.Actor) { a.Role = "king" }), identity.PlaceRead, place("", "", ""), false},
		"no role":                           {without(func(a *identity.Actor) { a.Role = "" }), identity.PlaceRead, place("", "", ""), false},
		"no second factor":                  {without(func(a *identity.Actor) { a.SecondFactorAt = time.Time{} }), identity.PlaceEdit, place("", "", ""), false},
		"no organisation":                   {without(func(a *identity.Actor) { a.Organisation = "" }), identity.PlaceEdit, place("", "", ""), false},
		"no account":                        {without(func(a *identity.Actor) { a.Account = "" }), identity.PlaceEdit, place("", "", ""), false},
		"resident, own account":             {identity.Actor{Kind: identity.Resident, Account: "me"}, identity.AccountSelf, identity.Object{Kind: identity.ObjectAccount, Owner: "me"}, true},
		"resident, other account":           {identity.Actor{Kind: identity.Resident, Account: "me"}, identity.AccountSelf, identity.Object{Kind: identity.ObjectAccount, Owner: "you"}, false},
		"resident with a role has no right": {identity.Actor{Kind: identity.Resident, Account: "me", Role: identity.Administrator, Organisation: "ours", SecondFactorAt: time.Unix(1, 0)}, identity.PlaceEdit, place("ours", "", ""), false},
		"resident without account":          {identity.Actor{Kind: identity.Resident}, identity.PlaceRead, place("", "", ""), false},
	} {
		if got := identity.Can(c.actor, c.action, c.object); got != c.want {
			t.Errorf("%s: Can = %v, want %v", name, got, c.want)
		}
	}
}

// D16: an attribute that an object does not say never opens anything, for any action and any role.
func TestD16MissingAttributeIsDeny(t *testing.T) {
	t.Parallel()
	for _, r := range identity.Rights() {
		for _, role := range identity.Roles() {
			bare := identity.Object{Kind: r.Object}
			if identity.Can(member(role), r.Action, bare) && r.Staff[role] != identity.All {
				t.Errorf("%s may %s on an object that says nothing of itself", role, r.Action)
			}
			nobody := member(role)
			nobody.Scope = identity.Scope{}
			lost := identity.Object{Kind: r.Object, Commune: rochefort, Organisation: "theirs", Owner: "you"}
			if identity.Can(nobody, r.Action, lost) && r.Staff[role] != identity.All {
				t.Errorf("%s without a scope may %s in Rochefort", role, r.Action)
			}
		}
	}
}

func TestRequireSaysWhichRefusalItIs(t *testing.T) {
	t.Parallel()
	theirs := identity.Object{Kind: identity.ObjectPlace, Organisation: "theirs"}
	refused(t, identity.Require(member(identity.Mediator), identity.PlaceEdit, theirs), fault.NotFound)
	refused(t, identity.Require(member(identity.Elected), identity.PlaceEdit, theirs), fault.Forbidden)
	refused(t, identity.Require(identity.Nobody(), identity.PlaceEdit, theirs), fault.Unauthenticated)
	refused(t, identity.Require(identity.Actor{}, identity.PlaceEdit, theirs), fault.Unauthenticated)
	if err := identity.Require(member(identity.Administrator), identity.PlaceEdit, theirs); err != nil {
		t.Error(err)
	}
}

func TestScopeHolds(t *testing.T) {
	t.Parallel()
	scope := func(kind identity.ScopeKind, code string, communes ...string) identity.Scope {
		return identity.NewScope(identity.Scope{ID: "s", Kind: kind, Code: code}, ground, communes)
	}
	for _, c := range []struct {
		scope identity.Scope
		holds []string
	}{
		{identity.Scope{}, nil},
		{scope(identity.ScopeDepartment, "17"), []string{rochefort, tonnay, saintes}},
		{scope(identity.ScopeDepartment, ""), nil},
		{scope(identity.ScopeEPCI, rochefortOcean), []string{rochefort, tonnay}},
		{scope(identity.ScopeEPCI, ""), nil},
		{identity.Scope{Kind: identity.ScopeEPCI, Code: albret}, nil}, // no ground to know its communes
		{scope(identity.ScopeCommune, saintes), []string{saintes}},
		{scope(identity.ScopeGroup, "", saintes, nerac), []string{saintes, nerac}},
		{scope(identity.ScopeGroup, ""), nil},
		{scope("country", "FR"), nil},
	} {
		for _, commune := range []string{rochefort, tonnay, saintes, nerac, "", "99999"} {
			if got, want := c.scope.Holds(commune), slices.Contains(c.holds, commune); got != want {
				t.Errorf("%s %s: Holds(%q) = %v", c.scope.Kind, c.scope.Code, commune, got)
			}
		}
	}
}

// Where and Can agree on every row, for every action, role and sort of scope.
func TestWhereAgreesWithCan(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		random := rand.New(rand.NewPCG(1, 2))
		pick := func(values ...string) string { return values[random.IntN(len(values))] }
		type row struct{ id, owner, organisation, commune string }
		var rows []row
		for i := range 60 {
			rows = append(rows, row{fmt.Sprint(i), pick("me", "you", ""), pick("ours", "theirs", ""), pick(rochefort, tonnay, saintes, nerac, "", "2A004", "2a004", "17")})
		}
		must(t, d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := db.Exec(ctx, tx, `CREATE TABLE sample (id TEXT, owner TEXT, organisation TEXT, commune TEXT)`); err != nil {
				return err
			}
			var values [][]any
			for _, r := range rows {
				values = append(values, []any{r.id, r.owner, r.organisation, r.commune})
			}
			return db.InsertMany(ctx, tx, "sample (id, owner, organisation, commune)", 4, values, "")
		}))
		scopes := []identity.Scope{
			{},
			identity.NewScope(identity.Scope{Kind: identity.ScopeDepartment, Code: "17"}, ground, nil),
			identity.NewScope(identity.Scope{Kind: identity.ScopeDepartment, Code: "2A"}, ground, nil),
			identity.NewScope(identity.Scope{Kind: identity.ScopeEPCI, Code: rochefortOcean}, ground, nil),
			identity.NewScope(identity.Scope{Kind: identity.ScopeCommune, Code: nerac}, ground, nil),
			identity.NewScope(identity.Scope{Kind: identity.ScopeGroup}, ground, []string{saintes, nerac}),
			identity.NewScope(identity.Scope{Kind: identity.ScopeGroup}, ground, nil),
		}
		actors := []identity.Actor{{}, identity.Nobody(), identity.AtCLI(), {Kind: identity.Resident, Account: "me"}}
		for _, role := range identity.Roles() {
			for _, s := range scopes {
				a := member(role)
				a.Scope = s
				actors = append(actors, a)
			}
		}
		for _, right := range identity.Rights() {
			for _, a := range actors {
				var want []string
				for _, r := range rows {
					if identity.Can(a, right.Action, identity.Object{Kind: right.Object, Owner: identity.AccountID(r.owner), Organisation: identity.OrganisationID(r.organisation), Commune: r.commune}) {
						want = append(want, r.id)
					}
				}
				condition, args := identity.Where(a, right.Action, identity.Columns{Owner: "owner", Organisation: "organisation", Commune: "commune"}, 2)
				got, err := db.All(t.Context(), d, db.Value[string], `SELECT id FROM sample WHERE id <> $1 AND `+condition, append([]any{"none"}, args...)...)
				if err != nil {
					t.Fatalf("%s: %v", condition, err)
				}
				slices.Sort(got)
				slices.Sort(want)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s, %s %s, scope %s %s: %s\n%s", right.Action, a.Kind, a.Role, a.Scope.Kind, a.Scope.Code, condition, diff)
				}
			}
		}
	})
}

// docs/rights.md is the table, for people. VIADUC_UPDATE=1 rewrites it.
func TestRightsAreDocumented(t *testing.T) {
	t.Parallel()
	file := filepath.Join(testkit.Root(t), "docs", "rights.md")
	got := rightsPage()
	if os.Getenv("VIADUC_UPDATE") != "" {
		must(t, os.WriteFile(file, []byte(got), 0o600))
		return
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/rights.md is out of date (make schema rewrites it):\n%s", diff)
	}
}

func rightsPage() string {
	var b strings.Builder
	b.WriteString(`# Rights

Who may do what. This page is made from the table of ` + "`internal/identity/rights_table.go`" + `, the only one there is: what it
does not say is refused. A test compares the two.

**own**: what the person created, or what is about them. **organisation**: what belongs to their current organisation, too.
**scope**: what lies in the ground of their membership, too. **all**: everything. Empty: never. A role without the right
meets a page that says so (403); an object out of reach answers exactly as one that does not exist (404). The command line
and the program itself may do all of it, since whoever runs them owns the data.

`)
	roles := identity.Roles()
	b.WriteString("| action | what | anonymous | resident |")
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|" + strings.Repeat("---|", 4+len(roles)) + "\n")
	word := map[identity.Reach]string{identity.Own: "own", identity.InOrganisation: "organisation", identity.InScope: "scope", identity.All: "**all**"}
	for _, r := range identity.Rights() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |", r.Action, r.What, word[r.Anonymous], word[r.Resident])
		for _, role := range roles {
			fmt.Fprintf(&b, " %s |", word[r.Staff[role]])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func BenchmarkCan(b *testing.B) {
	a := member(identity.Officer)
	o := identity.Object{Kind: identity.ObjectPlace, Organisation: "theirs", Owner: "you", Commune: rochefort}
	a.Scope = identity.NewScope(identity.Scope{Kind: identity.ScopeEPCI, Code: rochefortOcean}, ground, nil)
	b.ReportAllocs()
	for b.Loop() {
		if !identity.Can(a, identity.PlaceEdit, o) {
			b.Fatal("refused")
		}
	}
}
