package identity

import "maps"

// The kinds of objects that rights speak of.
const (
	ObjectAccount      ObjectKind = "account"      // Organisation: where the person works; Owner: the person
	ObjectOrganisation ObjectKind = "organisation" // Organisation: itself
	ObjectMembership   ObjectKind = "membership"
	ObjectInvitation   ObjectKind = "invitation"
	ObjectSession      ObjectKind = "session" // Owner: who is logged in
	ObjectFactor       ObjectKind = "factor"  // Owner: whose it is
	ObjectCard         ObjectKind = "card"
	ObjectScope        ObjectKind = "scope"
	ObjectPlace        ObjectKind = "place"
	ObjectCommune      ObjectKind = "commune"
	ObjectSite         ObjectKind = "site"
	ObjectJournal      ObjectKind = "journal" // Owner: whom the line is about
	ObjectRetention    ObjectKind = "retention"
	ObjectNotice       ObjectKind = "notice"  // Organisation: who sends; Owner: who receives
	ObjectPerson       ObjectKind = "person"  // Organisation: who first met her; Owner: her account
	ObjectAgenda       ObjectKind = "agenda"  // Organisation: whose it is; Owner: who proposed or booked it; Commune: where it takes place
	ObjectRequest      ObjectKind = "request" // Commune: who asks
	ObjectInstance     ObjectKind = "instance"
)

// The actions on people and organisations.
const (
	AccountSelf     Action = "identity.account.self"     // see and change what is mine
	AccountRead     Action = "identity.account.read"     // see who works where
	AccountDisable  Action = "identity.account.disable"  // disable and enable
	AccountUnlock   Action = "identity.account.unlock"   // end a slow-down
	ReproofAsk      Action = "identity.reproof.ask"      // say that somebody lost every factor
	ReproofConfirm  Action = "identity.reproof.confirm"  // confirm it, as a second person
	Invite          Action = "identity.invite"           // invite, see and revoke invitations
	MembershipEdit  Action = "identity.membership.edit"  // role, scope, suspension, departure
	SessionClose    Action = "identity.session.close"    // see and close sessions
	FactorEdit      Action = "identity.factor.edit"      // password, passkeys, one-time passwords, recovery codes
	ResidentAdd     Action = "identity.resident.add"     // open an account for a resident, print or block a card
	OrganisationSee Action = "identity.organisation.see" // the directory of organisations, inside
	OrganisationAdd Action = "identity.organisation.add"
	OrganisationSet Action = "identity.organisation.edit" // name, numbers, public text
	OrganisationEnd Action = "identity.organisation.end"  // merge, close, transfer
	ScopeEdit       Action = "identity.scope.edit"        // grounds of rights
)

// The actions on places.
const (
	PlaceRead     Action = "place.read"     // what residents see
	PlaceExport   Action = "place.export"   // downloads and public JSON
	PlaceDeclare  Action = "place.declare"  // say that a place exists or changed
	PlaceEdit     Action = "place.edit"     // change a place
	PlaceModerate Action = "place.moderate" // accept, refuse, merge
	PlaceImport   Action = "place.import"   // a whole file
)

// The actions on people who are helped, and on the agenda.
const (
	PersonRead     Action = "person.read"     // find a person, read how to reach her
	PersonEdit     Action = "person.edit"     // correct, put under silence
	AgendaRead     Action = "agenda.read"     // what residents see
	AgendaBook     Action = "agenda.book"     // book for somebody, anywhere
	AgendaPeople   Action = "agenda.people"   // see who comes, mark, count, say that one is late
	AgendaEdit     Action = "agenda.edit"     // series, dates, tours, reasons, authorisations
	AgendaPropose  Action = "agenda.propose"  // propose an event
	AgendaModerate Action = "agenda.moderate" // publish or refuse what was proposed
	AgendaRequest  Action = "agenda.request"  // study the requests of communes
)

// The actions on the territory and on the instance.
const (
	TerritorySite   Action = "territory.site"   // name, brand, legal statements
	TerritoryImport Action = "territory.import" // communes
	AuditRead       Action = "audit.read"       // lines of the journal
	AuditSearch     Action = "audit.search"     // the whole journal
	AuditVerify     Action = "audit.verify"     // proofs and heads
	RetentionRead   Action = "retention.read"   // what is kept, why, how long
	RetentionEdit   Action = "retention.edit"   // change a duration
	RetentionHold   Action = "retention.hold"   // legal hold
	NoticeRead      Action = "notice.read"      // messages sent and to be sent
	NoticeCall      Action = "notice.call"      // the list of people to call
	NoticeSettings  Action = "notice.settings"  // templates, gateways, cap
	NoticePrefer    Action = "notice.prefer"    // how I want to be told
	HealthRead      Action = "instance.health"  // state of the machine
)

// everybody gives every role the same reach.
func everybody(r Reach) map[Role]Reach {
	out := map[Role]Reach{}
	for _, role := range Roles() {
		out[role] = r
	}
	return out
}

// table is who may do what. Own is what I created or what is about me; InOrganisation adds what belongs to my current
// organisation; InScope what lies in the scope of my membership; All is everything. What is not written is refused.
var table = []Right{
	// People.
	{AccountSelf, "See and change one's own account", ObjectAccount, None, Own, everybody(Own)},
	{AccountRead, "See who works where", ObjectAccount, None, None, map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Volunteer: InOrganisation, Relay: InOrganisation, Manager: InOrganisation,
		Officer: InScope, Administrator: All, DPO: All,
	}},
	{AccountDisable, "Disable and enable an account", ObjectAccount, None, None, map[Role]Reach{Administrator: All}},
	{AccountUnlock, "Unlock an account slowed down by failures", ObjectAccount, None, None, map[Role]Reach{Manager: InOrganisation, Administrator: All}},
	{ReproofAsk, "Say that a person lost every factor", ObjectAccount, None, None, map[Role]Reach{Manager: InOrganisation, Administrator: All}},
	{ReproofConfirm, "Confirm it, as a second person", ObjectAccount, None, None, map[Role]Reach{Administrator: All}},
	{Invite, "Invite, see and revoke invitations", ObjectInvitation, None, None, map[Role]Reach{Manager: InOrganisation, Administrator: All}},
	{MembershipEdit, "Change a role, suspend, end a membership", ObjectMembership, None, None, map[Role]Reach{Manager: InOrganisation, Administrator: All}},
	{SessionClose, "See and close sessions", ObjectSession, None, Own, with(everybody(Own), map[Role]Reach{Administrator: All})},
	{FactorEdit, "Change password, passkeys, one-time passwords, recovery codes", ObjectFactor, None, None, everybody(Own)},
	{ResidentAdd, "Open an account for a resident, print or block a card", ObjectCard, None, None, map[Role]Reach{
		Mediator: All, Helper: All, Manager: All, Administrator: All,
	}},

	// Organisations.
	{OrganisationSee, "See the directory of organisations", ObjectOrganisation, None, None, everybody(All)},
	{OrganisationAdd, "Add an organisation", ObjectOrganisation, None, None, map[Role]Reach{Officer: InScope, Administrator: All}},
	{OrganisationSet, "Change name, numbers and public text of an organisation", ObjectOrganisation, None, None, map[Role]Reach{
		Manager: InOrganisation, Officer: InScope, Administrator: All,
	}},
	{OrganisationEnd, "Merge, close, transfer", ObjectOrganisation, None, None, map[Role]Reach{Administrator: All}},
	{ScopeEdit, "Change the grounds of rights", ObjectScope, None, None, map[Role]Reach{Administrator: All}},

	// Places.
	{PlaceRead, "See places", ObjectPlace, All, All, everybody(All)},
	{PlaceExport, "Download places", ObjectPlace, All, All, everybody(All)},
	{PlaceDeclare, "Declare a place, report an error", ObjectPlace, All, All, everybody(All)},
	{PlaceEdit, "Change a place", ObjectPlace, None, None, map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Manager: InOrganisation, Officer: InScope, Administrator: All,
	}},
	{PlaceModerate, "Accept, refuse and merge declarations", ObjectPlace, None, None, map[Role]Reach{Officer: InScope, Administrator: All}},
	{PlaceImport, "Import a file of places", ObjectPlace, None, None, map[Role]Reach{Officer: All, Administrator: All}},

	// People who are helped, and the agenda.
	{PersonRead, "Find a person, read how to reach her", ObjectPerson, None, None, map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Relay: InOrganisation, Manager: InOrganisation, Administrator: All,
	}},
	{PersonEdit, "Correct what is known of a person, put her under silence", ObjectPerson, None, None, map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Manager: InOrganisation, Administrator: All,
	}},
	{AgendaRead, "See the agenda", ObjectAgenda, All, All, everybody(All)},
	{AgendaBook, "Book for somebody, anywhere", ObjectAgenda, None, None, map[Role]Reach{
		Mediator: All, Helper: All, Relay: All, Manager: All, Administrator: All,
	}},
	{AgendaPeople, "See who comes, mark attendance, say that one is late", ObjectAgenda, None, None, map[Role]Reach{
		Mediator: InOrganisation, Volunteer: InOrganisation, Manager: InOrganisation, Helper: Own, Relay: Own, Administrator: All,
	}},
	{AgendaEdit, "Change series, dates, tours and reasons", ObjectAgenda, None, None, map[Role]Reach{
		Mediator: InOrganisation, Manager: InOrganisation, Officer: InScope, Administrator: All,
	}},
	{AgendaPropose, "Propose an event", ObjectAgenda, None, None, map[Role]Reach{
		Mediator: Own, Helper: Own, Volunteer: Own, Relay: Own, Manager: Own, Partner: Own, Officer: Own, Administrator: All,
	}},
	{AgendaModerate, "Publish or refuse what was proposed", ObjectAgenda, None, None, map[Role]Reach{Officer: InScope, Administrator: All}},
	{AgendaRequest, "Study the requests of communes", ObjectRequest, None, None, map[Role]Reach{Officer: InScope, Administrator: All}},

	// The territory and the instance.
	{TerritorySite, "Change what the territory says of itself", ObjectSite, None, None, map[Role]Reach{Administrator: All}},
	{TerritoryImport, "Import communes", ObjectCommune, None, None, map[Role]Reach{Administrator: All}},
	{AuditRead, "Read the journal", ObjectJournal, None, Own, with(everybody(Own), map[Role]Reach{Administrator: All, DPO: All})},
	{AuditSearch, "Search the whole journal", ObjectJournal, None, None, map[Role]Reach{Administrator: All, DPO: All}},
	{AuditVerify, "Verify the journal, read its signed heads", ObjectJournal, All, All, everybody(All)},
	{RetentionRead, "Read what is kept, why and how long", ObjectRetention, None, None, map[Role]Reach{Administrator: All, DPO: All}},
	{RetentionEdit, "Change how long something is kept", ObjectRetention, None, None, map[Role]Reach{DPO: All}},
	{RetentionHold, "Put a legal hold", ObjectRetention, None, None, map[Role]Reach{DPO: All}},
	{NoticeRead, "See messages sent and to be sent", ObjectNotice, None, Own, with(everybody(Own), map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Manager: InOrganisation, Administrator: All, // those who call, see what they sent
	})},
	{NoticeCall, "See the list of people to call", ObjectNotice, None, None, map[Role]Reach{
		Mediator: InOrganisation, Helper: InOrganisation, Manager: InOrganisation, Administrator: All,
	}},
	{NoticeSettings, "Change templates, gateways and caps of messages", ObjectNotice, None, None, map[Role]Reach{Administrator: All}},
	{NoticePrefer, "Say how one wants to be told", ObjectNotice, None, Own, everybody(Own)},
	{HealthRead, "See the state of the machine", ObjectInstance, None, None, map[Role]Reach{Administrator: All}},
}

// with returns reaches with some of them changed.
func with(reaches, changed map[Role]Reach) map[Role]Reach {
	maps.Copy(reaches, changed)
	return reaches
}
