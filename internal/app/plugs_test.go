package app_test

import (
	"strings"
	"testing"

	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/notice"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
)

// What modules keep of an organisation follows it when it merges, a place follows a transfer, and what was written to a
// person goes with their account. Nothing of the history is lost.
func TestModulesFollowMergeTransferAndErasure(t *testing.T) {
	apptest.EachEngine(t, func(t *testing.T, start func() *apptest.Node) {
		n := start()
		cli := identity.AtCLI()
		from, into := n.Person(identity.Mediator)[0].OrganisationID, n.Person(identity.Helper)[0].OrganisationID
		p, err := n.Places.Edit(t.Context(), cli, 1, map[string]string{"viaduc_organisation": string(from)})
		if err != nil {
			t.Fatal(err)
		}
		tell := func(key, ref string) {
			t.Helper()
			err := n.Notices.Send(t.Context(), notice.NewMessage{
				Event: "identity.changed", Key: key, From: from, To: notice.Recipient{Ref: ref, Phone: "05 46 00 00 00"}, Fields: map[string]string{"what": "carte"},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		tell("1", "person:1")
		if err := n.Identity.MergeOrganisations(t.Context(), cli, from, into); err != nil {
			t.Fatal(err)
		}
		owned, err := n.Places.Stored(t.Context(), p.Number)
		if err != nil || owned.OwnerID != string(into) {
			t.Errorf("after the merge the place is %q's, want %q (%v)", owned.OwnerID, into, err)
		}
		history, err := n.Places.History(t.Context(), p.Number)
		if err != nil || len(history) < 2 || history[0].Fields[0] != (place.FieldChange{Name: "viaduc_organisation", Before: string(from), After: string(into)}) {
			t.Errorf("history %+v, %v", history, err)
		}
		manager := identity.Actor{Kind: identity.Staff, Account: "someone", Role: identity.Manager, Organisation: into, Membership: "m", SecondFactorAt: n.Clock.Now()}
		if list, err := n.Notices.CallList(t.Context(), manager, 10); err != nil || len(list) != 1 {
			t.Errorf("after the merge the survivor calls %d people, want 1 (%v)", len(list), err)
		}
		mayEdit(t, n, manager, "")

		third, err := n.Identity.AddOrganisation(t.Context(), cli, identity.Profile{Name: "Une troisième", Kind: identity.OrgAssociation, CommuneCode: owned.CommuneCode})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Identity.Transfer(t.Context(), cli, identity.ObjectPlace, string(owned.ID), third.ID); err != nil {
			t.Fatal(err)
		}
		mayEdit(t, n, manager, fault.NotFound)
		if err := n.Identity.Transfer(t.Context(), cli, identity.ObjectPlace, "inconnu", third.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("transfer of an unknown place: %v", err)
		}

		resident := n.Resident()
		tell("2", "account:"+string(resident))
		if err := n.Identity.EraseMine(t.Context(), identity.Actor{Kind: identity.Resident, Account: resident}); err != nil {
			t.Fatal(err)
		}
		lines, err := n.Notices.Lines(t.Context(), cli, notice.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if strings.Contains(l.Recipient, string(resident)) {
				t.Errorf("a message to the erased person is left: %+v", l)
			}
		}
	})
}

// mayEdit tries to change place 1, and wants the refusal of a kind, "" for none.
func mayEdit(t *testing.T, n *apptest.Node, by identity.Actor, want fault.Kind) {
	t.Helper()
	_, err := n.Places.Edit(t.Context(), by, 1, map[string]string{"telephone": "05 46 00 00 99"})
	if want == "" && err != nil || want != "" && !fault.Is(err, want) {
		t.Errorf("%s of %s edits the place: %v, want %q", by.Role, by.Organisation, err, want)
	}
}
