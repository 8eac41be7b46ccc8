package place

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/notice"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/mail"
)

// DeclarationState says how far a declaration has come.
type DeclarationState string

// The states of a declaration. A draft is sent by whoever has its link, who may take it back; the team accepts or refuses
// what was sent. What was decided can be corrected by the same link, as a draft again.
const (
	DeclarationDraft    DeclarationState = "draft"
	DeclarationSent     DeclarationState = "sent"
	DeclarationAccepted DeclarationState = "accepted"
	DeclarationRefused  DeclarationState = "refused"
)

// Declaration is what an organisation says of its place, or of what changed there, without an account.
type Declaration struct {
	ID        string
	Reference string // what the organisation was told: "KTB-94M"
	PlaceID   ID     // "" for a place that the census does not have yet
	Email     string // where its link and its answer go; "" until it is said, and once it was erased

	// Values are what is said, by the names of columns (Columns, Local), or "position" as Edit takes it: written as the
	// standard wants them, only those that differ from Base, "" where a value is taken away.
	Values map[string]string

	Base    map[string]string // what the place said when its correction began, in the same form; nil for a new place
	Step    string            // the last question that was answered, as the pages name it
	State   DeclarationState
	Reason  string // why it was refused the last time; "" where it was not
	Version int64  // one more with each change

	CreatedAt, ChangedAt, SentAt, DecidedAt time.Time // zero is never

	tokenHash string
	mails     int64 // links mailed on demand since mailedAt
	mailedAt  time.Time
}

// Said is what the declaration says in a column, changed or not.
func (d Declaration) Said(column string) string {
	if v, ok := d.Values[column]; ok {
		return v
	}
	return d.Base[column]
}

// Says reports whether the declaration says anything in one of the columns.
func (d Declaration) Says(columns ...string) bool {
	return slices.ContainsFunc(columns, func(c string) bool { return d.Said(c) != "" })
}

// Mark is a short text that changes with what the declaration says in some columns: a form carries it, so that Save can
// tell whether another one has answered the same question meanwhile.
func (d Declaration) Mark(columns ...string) string {
	sum := sha256.New()
	for _, c := range columns {
		v := d.Said(c)
		fmt.Fprintf(sum, "%s %d %s\n", c, len(v), v)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// Open reports whether the declaration can be written on.
func (d Declaration) Open() bool { return d.State == DeclarationDraft }

// declared are the columns that a declaration may say something in, with the most letters each takes.
var declared = map[string]int{
	"nom": 200, "pivot": 30, "structure_parente": 200, "typologie": 40, "adresse": 200, "complement_adresse": 200, "code_postal": 10, "commune": 80, "code_insee": 5,
	positionField: 60, "telephone": 30, "courriels": 400, "site_web": 600, "prise_rdv": 300, "fiche_acces_libre": 300, "horaires": 1500,
	"viaduc_horaires_mediation": 1500, "presentation_resume": 280, "presentation_detail": 4000, "itinerance": 40, "services": 500,
	"publics_specifiquement_adresses": 200, "prise_en_charge_specifique": 300, "frais_a_charge": 80, "dispositif_programmes_nationaux": 400,
	"modalites_acces": 300, "modalites_accompagnement": 200, "viaduc_offre": 20, "viaduc_acces": 300, "viaduc_salles": 400, "viaduc_langues": 300, voucherColumn: 3,
}

// Declarable lists the columns that a declaration may say something in, "position" among them, in the order of files.
func Declarable() []string {
	var out []string
	for i, c := range columns {
		if i == latitude {
			out = append(out, positionField)
		}
		if _, ok := declared[c.Name]; ok {
			out = append(out, c.Name)
		}
	}
	return out
}

// DeclaredMost is how many letters a declaration may have in a column, 0 for one that it cannot have.
func DeclaredMost(column string) int { return declared[column] }

// saidBy is what a place says in the columns of a declaration, in its form.
func saidBy(p *Place) map[string]string {
	out := map[string]string{}
	for _, name := range Declarable() {
		if v := valueOf(p, name); v != "" {
			out[name] = v
		}
	}
	return out
}

func valueOf(p *Place, name string) string {
	if name != positionField {
		return columns[columnIndex(name)].Value(p)
	}
	if !p.Point.Known() {
		return ""
	}
	return formatDegrees(p.Point.Lat) + " " + formatDegrees(p.Point.Lon)
}

// with returns what the declaration holds once it says values too: written as the standard wants, without what the place
// says already. It reports fault.Invalid by column.
func (d Declaration) with(values map[string]string) (map[string]string, error) {
	refused := fault.New(fault.Invalid, "place.declare.invalid")
	told := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		most, ok := declared[name]
		v := strings.TrimSpace(legibleText(values[name]))
		switch n := utf8.RuneCountInString(v); {
		case !ok:
			refused.With(name, "place.edit_unknown", "Field", name)
		case n > most:
			refused.With(name, "place.declare.long", "Most", most, "N", n)
		case v == "" && d.Base[name] != "" && name == voucherColumn:
			continue // the standard has no way to take back that a label was given: nothing is said of it
		default:
			told[name] = v
		}
	}
	p := Place{Postcode: d.Said("code_postal")}
	for _, name := range slices.Sorted(maps.Keys(told)) { // each alone: one that is wrong hides no other
		if told[name] == "" || told[name] == d.Base[name] { // what the census has already is not this author's to put right
			continue
		}
		if err := p.confirm(map[string]string{name: told[name]}); err != nil {
			refused.With(name, wrongKey(name))
			continue
		}
		told[name] = valueOf(&p, name)
	}
	if refused.Fields != nil {
		return nil, refused
	}
	out := maps.Clone(d.Values)
	if out == nil {
		out = map[string]string{}
	}
	for name, v := range told {
		if out[name] = v; sameSaid(name, v, d.Base[name]) {
			delete(out, name)
		}
	}
	return out, nil
}

// sameSaid reports whether two values of a column say the same: lists in another order do, and hours written otherwise.
func sameSaid(column, a, b string) bool {
	if a == b {
		return true
	}
	if column == "horaires" {
		was, ok := GridOf(b)
		is, also := GridOf(a)
		return ok && also && was == is
	}
	i := columnIndex(column)
	if i < 0 || !columns[i].List() {
		return false
	}
	one, other := List(a).Values(), List(b).Values()
	slices.Sort(one)
	slices.Sort(other)
	return slices.Equal(one, other)
}

// wrongKey is the sentence that says how to write a column.
func wrongKey(name string) string {
	switch name {
	case "telephone", "courriels", "site_web", "prise_rdv", "code_postal", "pivot", positionField, "horaires":
		return "place.declare.wrong." + name
	case "viaduc_horaires_mediation":
		return "place.declare.wrong.horaires"
	}
	return "place.declare.wrong"
}

// needed are the columns without which nobody could find a place.
var needed = []string{"nom", "adresse", "code_postal", "commune"}

// Missing lists what is still to be said before a declaration can be sent: columns, and "email".
func (d Declaration) Missing() []string {
	var out []string
	for _, c := range needed {
		if d.Said(c) == "" {
			out = append(out, c)
		}
	}
	if d.Email == "" {
		out = append(out, "email")
	}
	return out
}

// ready reports why a declaration cannot be sent: fault.Conflict when it was, fault.Invalid by column for what is missing,
// and when a correction corrects nothing.
func (d Declaration) ready() error {
	if !d.Open() {
		return fault.New(fault.Conflict, "place.declare.sent_already")
	}
	refused := fault.New(fault.Invalid, "place.declare.incomplete")
	for _, c := range d.Missing() {
		refused.With(c, "place.declare.missing."+c)
	}
	if refused.Fields != nil {
		return refused
	}
	if d.PlaceID != "" && len(d.Values) == 0 {
		return fault.New(fault.Invalid, "place.declare.unchanged")
	}
	return nil
}

// Place is the place as it would be once the declaration is accepted, its status derived. now is the place that it
// corrects, nil for a new one. What the standard wants and nobody is asked (id, source, day) is left out.
func (d Declaration) Place(now *Place) (Place, error) {
	p := Place{Pivot: UnknownPivot}
	if now != nil {
		p = *now
		p.Origins = maps.Clone(now.Origins)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Values)) {
		if d.Values[name] == "" { // confirm refuses an empty cell where the standard wants one: a preview shows it all the same
			if i := columnIndex(name); i >= 0 {
				columns[i].set(&p, "")
			}
			continue
		}
		if err := p.confirm(map[string]string{name: d.Values[name]}); err != nil {
			return p, err
		}
	}
	p.Status = p.status()
	return p, nil
}

// token is what the link of a declaration ends with: worked out from the key, stored nowhere.
func (s *Service) token(declaration string) string {
	return base64.RawURLEncoding.EncodeToString(s.keyed("declaration " + declaration)[:18])
}

// DeclarationLink is the page of a declaration, for whoever has it. It is a key: it goes into a message or the page itself,
// never into a log, a journal or a list.
func (s *Service) DeclarationLink(d Declaration) string { return DeclarationPath + s.token(d.ID) }

func (s *Service) tokenHash(token string) string { return hex.EncodeToString(s.keyed("kept " + token)) }

func (s *Service) keyed(text string) []byte {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// keyOr returns the key of the links, or one that nobody will find again where none was given.
func keyOr(key []byte) []byte {
	if len(key) > 0 {
		return key
	}
	key = make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return key
}

func declarationUnknown() error { return fault.New(fault.NotFound, "place.declare.unknown") }

// Begin starts the declaration of a new place with its first answer, and returns it with the token of its link. It reports
// fault.Invalid by column.
func (s *Service) Begin(ctx context.Context, step string, values map[string]string) (d Declaration, token string, err error) {
	d = s.newDeclaration()
	d.Step = step
	if d.Values, err = d.with(values); err != nil {
		return Declaration{}, "", err
	}
	err = s.keepNew(ctx, &d, func(ctx context.Context, tx *db.Tx) error { return s.recordDeclaration(ctx, tx, "place.declare", d) })
	return d, s.token(d.ID), err
}

func (s *Service) newDeclaration() Declaration {
	d := Declaration{ID: id.New(), State: DeclarationDraft, Version: 1, CreatedAt: s.now(), ChangedAt: s.now()}
	d.tokenHash = s.tokenHash(s.token(d.ID))
	return d
}

// keepNew writes a new declaration, and what comes with it, under a reference that is the only one.
func (s *Service) keepNew(ctx context.Context, d *Declaration, with func(context.Context, *db.Tx) error) (err error) {
	for range 3 { // a reference that is taken is one in millions
		d.Reference = id.NewReference()
		err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := insertDeclaration(ctx, tx, *d); err != nil {
				return err
			}
			return with(ctx, tx)
		})
		if !db.IsUnique(err) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("keep declaration: %w", err)
	}
	return nil
}

// Declared returns the declaration of a token. It reports fault.NotFound for one that is gone, or never was.
func (s *Service) Declared(ctx context.Context, token string) (Declaration, error) {
	d, err := declarationByToken(ctx, s.db, s.tokenHash(token))
	if fault.Is(err, fault.NotFound) {
		return d, declarationUnknown()
	}
	return d, err
}

// Answer is what a form says of one question.
type Answer struct {
	Step   string            // the question, as the pages name it
	Values map[string]string // by column; every column of the question
	Mark   string            // Declaration.Mark of these columns when the form was made; "" writes over whatever is there
	Email  string            // where to write, where the question asks for it; "" leaves it
}

// columns are those of the answer, in the order of Mark.
func (a Answer) columns() []string { return slices.Sorted(maps.Keys(a.Values)) }

// SaveAnswer keeps one answer on a draft. It reports fault.NotFound for a token that is gone, fault.Invalid by column (or
// email), and fault.Conflict when the declaration was sent (place.declare.sent_already) or when the same question was
// answered otherwise since the form was made (place.declare.conflict): then it returns the declaration as it stands, so
// that both answers can be shown.
func (s *Service) SaveAnswer(ctx context.Context, token string, a Answer) (Declaration, error) {
	return s.changeDeclaration(ctx, token, "", func(_ context.Context, _ *db.Tx, d *Declaration) error {
		if !d.Open() {
			return fault.New(fault.Conflict, "place.declare.sent_already")
		}
		next, err := d.with(a.Values)
		if err != nil {
			return err
		}
		if a.Email != "" {
			address, ok := mailbox(a.Email)
			if !ok {
				return fault.New(fault.Invalid, "place.declare.invalid").With("email", "place.declare.wrong.email")
			}
			d.Email = address
		}
		if a.Mark != "" && a.Mark != d.Mark(a.columns()...) {
			then := *d
			then.Values = next
			if then.Mark(a.columns()...) != d.Mark(a.columns()...) { // not the same words twice
				return fault.New(fault.Conflict, "place.declare.conflict")
			}
		}
		d.Values = next
		if a.Step != "" {
			d.Step = a.Step
		}
		return nil
	})
}

// changeDeclaration runs fn on the declaration of a token, which nobody else changes meanwhile, and keeps what it did with a
// line of the journal, "" for none. It returns the declaration as it stands, also where fn refuses.
func (s *Service) changeDeclaration(ctx context.Context, token, action string, fn func(context.Context, *db.Tx, *Declaration) error) (Declaration, error) {
	var out Declaration
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := lockDeclaration(ctx, tx, s.tokenHash(token))
		if fault.Is(err, fault.NotFound) {
			return declarationUnknown()
		}
		if out = d; err != nil {
			return err
		}
		if err := fn(ctx, tx, &d); err != nil {
			return err
		}
		d.Version++
		d.ChangedAt = s.now()
		if err := updateDeclaration(ctx, tx, d); err != nil {
			return err
		}
		out = d
		if action == "" {
			return nil
		}
		return s.recordDeclaration(ctx, tx, action, d)
	})
	return out, err
}

// recordDeclaration writes the journal's line of a declaration: its reference, and nobody's name.
func (s *Service) recordDeclaration(ctx context.Context, tx *db.Tx, action string, d Declaration) error {
	object := audit.Object{Kind: "declaration", ID: d.ID}
	if d.PlaceID != "" {
		object = audit.Object{Kind: "place", ID: string(d.PlaceID)}
	}
	return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: audit.Anonymous, Action: action, Object: object, Detail: map[string]string{"référence": d.Reference}})
}

// SendDeclaration gives a draft to the team, and mails its reference and its link. version is the one that was shown when
// its author said "send"; a newer one is shown first. It reports fault.NotFound, fault.Conflict for what was sent already
// or changed meanwhile, and fault.Invalid by column for what is missing (Missing), or for a correction that changes
// nothing (place.declare.unchanged).
func (s *Service) SendDeclaration(ctx context.Context, token string, version int64) (Declaration, error) {
	return s.changeDeclaration(ctx, token, "place.declare_send", func(ctx context.Context, tx *db.Tx, d *Declaration) error {
		if err := d.ready(); err != nil {
			return err
		}
		if d.Version != version {
			return fault.New(fault.Conflict, "place.declare.changed")
		}
		d.State, d.SentAt = DeclarationSent, s.now()
		return s.notices.SendTx(ctx, tx, notice.NewMessage{
			Event: EventDeclared, Key: d.ID + " " + strconv.FormatInt(d.Version, 10), To: d.recipient(),
			Path: DeclarationPath + token, Fields: map[string]string{"reference": d.Reference},
		})
	})
}

func (d Declaration) recipient() notice.Recipient {
	return notice.Recipient{Ref: "declaration:" + d.ID, Email: d.Email}
}

// TakeBack makes a draft again of what was sent, or decided: the same link corrects it. What was accepted begins with what
// the place says now; what was refused keeps its words. It reports fault.NotFound and, for a draft, fault.Conflict.
func (s *Service) TakeBack(ctx context.Context, token string) (Declaration, error) {
	return s.changeDeclaration(ctx, token, "place.declare_again", func(ctx context.Context, tx *db.Tx, d *Declaration) error {
		if d.Open() {
			return fault.New(fault.Conflict, "place.declare.draft_already")
		}
		if d.State == DeclarationAccepted {
			d.Values, d.Reason = map[string]string{}, ""
		}
		d.State, d.Step = DeclarationDraft, ""
		return rebase(ctx, tx, d)
	})
}

// rebase has a correction start from what its place says now.
func rebase(ctx context.Context, q db.Querier, d *Declaration) error {
	if d.PlaceID == "" {
		return nil
	}
	found, err := placesByID(ctx, q, []ID{d.PlaceID})
	if err != nil {
		return err
	}
	p, ok := found[d.PlaceID]
	if !ok {
		return declarationUnknown()
	}
	d.Base = saidBy(&p)
	maps.DeleteFunc(d.Values, func(name, v string) bool { return sameSaid(name, v, d.Base[name]) })
	return nil
}

// Withdraw ends a declaration that waits, drafted or sent: all of it is erased, the address too, with what was written to
// it. Of a correction whose place was decided on before, the changes alone go: its link stays good. It reports
// fault.NotFound, and fault.Conflict for what was decided.
func (s *Service) Withdraw(ctx context.Context, token string) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		d, err := lockDeclaration(ctx, tx, s.tokenHash(token))
		if fault.Is(err, fault.NotFound) {
			return declarationUnknown()
		}
		if err != nil {
			return err
		}
		if d.State != DeclarationDraft && d.State != DeclarationSent {
			return fault.New(fault.Conflict, "place.declare.decided_already")
		}
		if err := s.recordDeclaration(ctx, tx, "place.declare_withdraw", d); err != nil {
			return err
		}
		_, err = s.dropTx(ctx, tx, d)
		return err
	})
}

// dropTx erases a declaration, or only what a new correction of a decided one says; it reports whether all of it went.
func (s *Service) dropTx(ctx context.Context, tx *db.Tx, d Declaration) (bool, error) {
	if d.PlaceID != "" && !d.DecidedAt.IsZero() {
		d.State, d.Values, d.Base, d.Step, d.Reason = DeclarationAccepted, nil, nil, "", ""
		d.Version++
		return false, updateDeclaration(ctx, tx, d)
	}
	if err := deleteDeclaration(ctx, tx, d.ID); err != nil {
		return false, err
	}
	return true, s.forgetMailsTx(ctx, tx, d.ID)
}

func (s *Service) forgetMailsTx(ctx context.Context, tx *db.Tx, declaration string) error {
	if s.notices == nil { // a service that writes to nobody
		return nil
	}
	return s.notices.ForgetTx(ctx, tx, "declaration:"+declaration)
}

// An address is mailed so many links on demand in such a time, at most, whoever asks: nobody's mailbox can be filled.
const (
	maxMails = 5
	mailsFor = 24 * time.Hour
)

// mailbox reads an address as the census writes them, in small letters: no mailbox in use tells them apart.
func mailbox(text string) (string, bool) {
	address, ok := mail.Address(text)
	return strings.ToLower(address), ok
}

// MailLink keeps the address that somebody gives for their draft, and mails the link there. It reports fault.NotFound,
// fault.Invalid on email, and fault.TooMany when the address has had five links in a day.
func (s *Service) MailLink(ctx context.Context, token, email string) (Declaration, error) {
	address, ok := mailbox(email)
	if !ok {
		return Declaration{}, fault.New(fault.Invalid, "place.declare.invalid").With("email", "place.declare.wrong.email")
	}
	return s.changeDeclaration(ctx, token, "place.declare_mail", func(ctx context.Context, tx *db.Tx, d *Declaration) error {
		if d.Open() {
			d.Email = address
		}
		sent, err := s.mailLinkTx(ctx, tx, d, address)
		if err == nil && !sent {
			err = fault.New(fault.TooMany, "place.declare.mailed_often")
		}
		return err
	})
}

// mailLinkTx mails the link to the address of a declaration that is locked, and notes it; false where the address has had
// enough of them.
func (s *Service) mailLinkTx(ctx context.Context, tx *db.Tx, d *Declaration, address string) (bool, error) {
	if err := lockNumber(ctx, tx, int64(binary.BigEndian.Uint64(s.keyed("mails "+address)))); err != nil {
		return false, err
	}
	since := s.now().Add(-mailsFor)
	had, err := linksMailed(ctx, tx, address, since)
	if err != nil || had >= maxMails {
		return false, err
	}
	if !d.mailedAt.After(since) {
		d.mails = 0
	}
	d.mails++
	d.mailedAt = s.now()
	return true, s.notices.SendTx(ctx, tx, notice.NewMessage{
		Event: EventDeclarationLink, Key: d.ID + " mail " + strconv.FormatInt(d.Version, 10), To: notice.Recipient{Ref: "declaration:" + d.ID, Email: address},
		Path: DeclarationPath + s.token(d.ID),
	})
}

// AskCorrection mails the link by which a place is corrected, if the address is one that the place shows, or that declared
// it. The answer is the same whatever the address: nobody learns from it who declared a place. It reports fault.NotFound
// for an unknown place, and fault.Invalid on email.
func (s *Service) AskCorrection(ctx context.Context, n Number, email string) error {
	address, ok := mailbox(email)
	if !ok {
		return fault.New(fault.Invalid, "place.declare.invalid").With("email", "place.declare.wrong.email")
	}
	fresh := s.newDeclaration()
	fresh.Email, fresh.Reference = address, id.NewReference()
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockNumber(ctx, tx, int64(binary.BigEndian.Uint64(s.keyed("mails "+address)))); err != nil {
			return err // two at once would begin two corrections
		}
		p, err := placeByNumber(ctx, tx, n)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.NotFound, "place.unknown")
		}
		if err != nil {
			return err
		}
		d, err := declarationOf(ctx, tx, p.ID, address)
		known := err == nil
		switch {
		case err != nil && !fault.Is(err, fault.NotFound):
			return err
		case !known && !p.Emails.Has(address):
			return nil
		case !known:
			d = fresh
			d.PlaceID, d.Values, d.Base = p.ID, map[string]string{}, saidBy(&p)
			if err := insertDeclaration(ctx, tx, d); err != nil {
				return err
			}
		}
		sent, err := s.mailLinkTx(ctx, tx, &d, address)
		if err != nil || !sent {
			return err
		}
		d.Version++
		if err := updateDeclaration(ctx, tx, d); err != nil {
			return err
		}
		return s.recordDeclaration(ctx, tx, "place.declare_mail", d)
	})
}

// SentDeclarations lists what waits for the team's decision, the first sent first. Its caller checks the right
// (identity.PlaceEdit).
func (s *Service) SentDeclarations(ctx context.Context) ([]Declaration, error) {
	return declarationsSent(ctx, s.db)
}

// DeclarationByID returns a declaration. It reports fault.NotFound. Its caller checks the right.
func (s *Service) DeclarationByID(ctx context.Context, declaration string) (Declaration, error) {
	d, err := declarationByID(ctx, s.db, declaration)
	if fault.Is(err, fault.NotFound) {
		return d, declarationUnknown()
	}
	return d, err
}

// decideTx closes a sent declaration that is locked (lockDeclarationByID), as accepted or refused: the caller checks the
// right, writes the place, the journal and the message. place is the one that it now speaks of, "" where there is none.
// It reports fault.Conflict for one that is not sent any more.
func (s *Service) decideTx(ctx context.Context, tx *db.Tx, d Declaration, as DeclarationState, reason string, place ID) (Declaration, error) {
	if d.State != DeclarationSent || as != DeclarationAccepted && as != DeclarationRefused {
		return d, fault.New(fault.Conflict, "place.declare.not_sent")
	}
	d.State, d.Reason, d.DecidedAt, d.ChangedAt = as, reason, s.now(), s.now()
	if place != "" {
		d.PlaceID = place
	}
	d.Version++
	return d, updateDeclaration(ctx, tx, d)
}

// DueDrafts lists, for retention, the drafts that nobody wrote on since before an instant, oldest first, after the given
// one (its ChangedAt and ID), at most limit.
func (s *Service) DueDrafts(ctx context.Context, q db.Querier, before time.Time, after Declaration, limit int) ([]Declaration, error) {
	return draftsBefore(ctx, q, before, after, limit)
}

// EraseDraftsTx erases drafts as Withdraw does, in the caller's transaction, and returns how many went whole, and of how
// many only the changes. One that was sent meanwhile stays. Retention writes the line of the journal.
func (s *Service) EraseDraftsTx(ctx context.Context, tx *db.Tx, declarations ...string) (whole, changes int, err error) {
	for _, one := range declarations {
		d, err := lockDeclarationByID(ctx, tx, one)
		if fault.Is(err, fault.NotFound) || err == nil && !d.Open() {
			continue
		}
		if err != nil {
			return whole, changes, err
		}
		all, err := s.dropTx(ctx, tx, d)
		if err != nil {
			return whole, changes, err
		}
		if all {
			whole++
		} else {
			changes++
		}
	}
	return whole, changes, nil
}

// DueDeclarers lists, for retention, what was decided before an instant and still says how to reach its author, oldest
// first, after the given one (its DecidedAt and ID), at most limit.
func (s *Service) DueDeclarers(ctx context.Context, q db.Querier, before time.Time, after Declaration, limit int) ([]Declaration, error) {
	return declarersBefore(ctx, q, before, after, limit)
}

// ForgetDeclarersTx erases how to reach the authors of decided declarations, in the caller's transaction, with what was
// written to them: of a place of the census the address alone; a refused place goes whole. Retention writes the line of
// the journal.
func (s *Service) ForgetDeclarersTx(ctx context.Context, tx *db.Tx, declarations ...string) (whole, addresses int, err error) {
	for _, one := range declarations {
		d, err := lockDeclarationByID(ctx, tx, one)
		if fault.Is(err, fault.NotFound) || err == nil && (d.State == DeclarationDraft || d.State == DeclarationSent) {
			continue
		}
		if err != nil {
			return whole, addresses, err
		}
		if d.PlaceID == "" {
			whole++
			err = deleteDeclaration(ctx, tx, d.ID)
		} else {
			addresses++
			d.Email = ""
			err = updateDeclaration(ctx, tx, d)
		}
		if err != nil {
			return whole, addresses, err
		}
		if err := s.forgetMailsTx(ctx, tx, d.ID); err != nil {
			return whole, addresses, err
		}
	}
	return whole, addresses, nil
}

// Preview is the place as residents would see it once the declaration is accepted. It reports fault.Invalid where too
// little is said yet: nobody could be sent there.
func (s *Service) Preview(ctx context.Context, d Declaration) (*Entry, error) {
	var now *Place
	if d.PlaceID != "" {
		found, err := placesByID(ctx, s.db, []ID{d.PlaceID})
		if err != nil {
			return nil, err
		}
		if p, ok := found[d.PlaceID]; ok {
			now = &p
		}
	}
	p, err := d.Place(now)
	if err != nil {
		return nil, err
	}
	p.UpdatedOn, p.ToCheck = s.now().Format(time.DateOnly), false
	e, ok := NewIndex(-1, []Place{p}, s.ground.Gazetteer()).Place(p.Number)
	if !ok {
		return nil, fault.New(fault.Invalid, "place.declare.incomplete")
	}
	return e, nil
}

// Shown returns the place of an id among those that residents see.
func (x *Index) Shown(place ID) (*Entry, bool) {
	i := slices.IndexFunc(x.entries, func(e *Entry) bool { return e.ID == place })
	if i < 0 {
		return nil, false
	}
	return x.entries[i], true
}
