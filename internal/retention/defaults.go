package retention

// How long the modules keep what they know of people, before anyone changes it. They stand here together so that they
// can be read, and defended, together; each module gives its own to its Rule.
var (
	// KeepBookings is from the end of a booking: what the State's own appointment service keeps.
	KeepBookings = Years(2)
	// KeepReceipts is from the sending: the content of messages. That one was sent, how and with what result, stays.
	KeepReceipts = Months(6)
	// KeepReporterContact is from the report's treatment: how to reach whoever reported an error or declared a place.
	KeepReporterContact = Months(6)
	// KeepDraftDeclaration is from the last answer: a declaration of a place that was begun and not sent.
	KeepDraftDeclaration = Days(42)
	// KeepUnconfirmedAlert is from the asking: an address that never said that it wants the alert.
	KeepUnconfirmedAlert = Days(7)
	// KeepAlert is from the confirmation of an alert.
	KeepAlert = Years(2)
	// KeepPerson is from the last time that anybody saw a person: the same two years, after which her bookings are gone too.
	KeepPerson = Years(2)
	// KeepOpenings is from the end of an opening: past hours of work of a named person.
	KeepOpenings = Years(1)
	// KeepDevices is from the last day that a device kept: long enough to answer "I noted it and it is not there".
	KeepDevices = Months(3)
	// KeepInactiveStaff is from the last log-in of an account of staff.
	KeepInactiveStaff = Years(2)
	// WarnInactiveStaff is how long before that they are told.
	WarnInactiveStaff = Days(30)
	// KeepResidentAccounts is from the last log-in of a resident; the CNIL finds two years without activity proportionate,
	// and wants people told first.
	KeepResidentAccounts = Years(2)
	// KeepJournalLines is from the recording of a line of the journal: the longest that the CNIL's deliberation 2021-122
	// admits for a journal that serves internal control, when no text asks for more.
	KeepJournalLines = Years(3)
)
