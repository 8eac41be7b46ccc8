package web_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	agendaweb "viaduc/internal/agenda/web"
	"viaduc/internal/app"
	"viaduc/internal/app/apptest"
	"viaduc/internal/identity"
	"viaduc/internal/person"
	"viaduc/internal/platform/fault"
	"viaduc/internal/testkit"
)

// The communes of the papers, side by side.
const (
	rochefort = "17299"
	tonnay    = "17449"
	fouras    = "17168"
)

// said is what poppler reads of a file, on one line.
func said(t *testing.T, file []byte, tool string, args ...string) string {
	t.Helper()
	return strings.Join(strings.Fields(testkit.Poppler(t, file, tool, args...)), " ")
}

// sheets is how many pages a file has; it must be tagged.
func sheets(t *testing.T, file string) string {
	t.Helper()
	info := said(t, []byte(file), "pdfinfo")
	if !strings.Contains(info, "Tagged: yes") {
		t.Error("not tagged:", info)
	}
	return regexp.MustCompile(`Pages: (\d+)`).FindStringSubmatch(info)[1]
}

// says fails unless a text has each of these.
func says(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not said:\n%s", want, text)
		}
	}
}

// worker is a session of the first example account of a role.
func worker(n *apptest.Node, role identity.Role) identity.Actor {
	p := n.Person(role)[0]
	return identity.Actor{Kind: identity.Staff, Account: p.Account, Membership: p.Membership, Organisation: p.OrganisationID, Role: role, Name: p.Name, SecondFactorAt: n.Clock.Now()}
}

// once is a series of one date, on a day of May 2026.
func once(day, minute int, in agenda.NewSeries) agenda.NewSeries {
	on := recur.Date{Year: 2026, Month: time.May, Day: day}
	in.Pattern = recur.Pattern{Starts: on, Minute: minute, Length: 120, Zone: app.Zone(), Extra: []recur.Date{on}}
	return in
}

// add adds a series and returns its only date.
func add(t *testing.T, n *apptest.Node, in agenda.NewSeries) *agenda.Entry {
	t.Helper()
	series, err := n.Agenda.AddSeries(t.Context(), worker(n, identity.Mediator), in, agenda.Published)
	if err != nil {
		f, _ := fault.As(err)
		t.Fatal(err, f)
	}
	n.Reload()
	found := n.Agenda.Index().Search(agenda.Query{Series: series.ID})
	if len(found) != 1 {
		t.Fatalf("%d dates", len(found))
	}
	return found[0].Entry
}

// workshopAt is a workshop with twelve seats.
func workshopAt(commune, title string) agenda.NewSeries {
	return agenda.NewSeries{Mode: agenda.Workshop, Title: title, Capacity: 12, Where: agenda.Where{Commune: commune, Venue: "Salle du conseil, à la mairie"}, Phone: "05 36 49 00 21"}
}

func walkInAt(commune, title string) agenda.NewSeries {
	return agenda.NewSeries{Mode: agenda.WalkIn, Title: title, Where: agenda.Where{Commune: commune, Venue: "Médiathèque (exemple)"}}
}

// get asks for an address as somebody, and wants it answered.
func get(t *testing.T, n *apptest.Node, path string, cookies ...*http.Cookie) (head http.Header, body string) {
	t.Helper()
	res, body := n.Do(http.MethodGet, path, nil, func(r *http.Request) {
		for _, c := range cookies {
			r.AddCookie(c)
		}
	})
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
	return res.Header, body
}

// A week on one sheet, the same on the page: what is on, what is called off and why, how one comes, what is near, whom to call.
func TestPosterOfAWeek(t *testing.T) {
	n := apptest.Demo(t)
	add(t, n, once(7, 14*60, workshopAt(rochefort, "Atelier tablette")))
	add(t, n, once(7, 9*60, walkInAt(rochefort, "Permanence numérique")))
	off := add(t, n, once(5, 10*60, workshopAt(rochefort, "Atelier photo")))
	add(t, n, once(8, 10*60, walkInAt(tonnay, "Le bus du numérique")))
	add(t, n, once(14, 14*60, workshopAt(rochefort, "Atelier de la semaine suivante")))
	if err := n.Agenda.CancelDate(t.Context(), worker(n, identity.Mediator), off.ID, "la salle est inondée"); err != nil {
		t.Fatal(err)
	}
	moved := add(t, n, once(6, 10*60, workshopAt(rochefort, "Atelier courriel")))
	if _, err := n.Agenda.MoveDate(t.Context(), worker(n, identity.Mediator), moved.ID, agenda.NewTime{On: recur.Date{Year: 2026, Month: time.May, Day: 9}, Minute: 15 * 60}, "la route est coupée"); err != nil {
		t.Fatal(err)
	}
	n.Reload()
	wants := []string{
		"Déplacé : rendez-vous le samedi 9 mai à 15 h", "amedi 9 mai", "Cette semaine à Rochefort", "Du lundi 4 au dimanche 10 mai 2026", "Atelier tablette", "Salle du conseil, à la mairie", "Sur inscription au 05 36 49 00 21", "Sans rendez-vous",
		"14 h", "jusqu'à 16 h", "Annulé : la salle est inondée", "Aussi près d'ici", "Le bus du numérique", "Tonnay-Charente", "Une question ? Appelez", "05 36 49 00 17", "Édition du lundi 4 mai 2026",
	}
	_, page := get(t, n, "/imprimer/agenda/communes/"+rochefort+"?semaine=2026-W19")
	says(t, plain(page), wants...)
	head, file := get(t, n, "/imprimer/agenda/communes/"+rochefort+".pdf?semaine=2026-W19")
	if got := sheets(t, file); got != "1" || head.Get("Content-Type") != "application/pdf" {
		t.Errorf("%s pages, %s", got, head.Get("Content-Type"))
	}
	text := said(t, []byte(file), "pdftotext")
	says(t, plain(text), wants...)
	says(t, said(t, []byte(file), "pdfinfo", "-struct-text"), `H1 (block) "Cette semaine à Rochefort"`, `H2 (block) "Mardi 5 mai" L (block) LI (block) LBody (block) "10 h"`, "Figure")
	for name, twin := range map[string]string{"the page": plain(page), "the file": plain(text)} {
		if strings.Contains(twin, "semaine suivante") {
			t.Errorf("%s has the week after", name)
		}
	}
}

// plain is what a page says, without markup and with plain spaces.
func plain(page string) string {
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	page = strings.NewReplacer("&#39;", "'", "&nbsp;", " ", "\u00a0", " ", "&amp;", "&").Replace(page)
	return strings.Join(strings.Fields(page), " ")
}

// A week with a dozen dates is still one sheet, with letters of 14 points and more; a fuller one counts what it leaves out.
func TestPosterHoldsAFullWeek(t *testing.T) {
	for _, c := range []struct {
		dates int
		more  bool
	}{{12, false}, {40, true}} {
		t.Run(fmt.Sprint(c.dates), func(t *testing.T) {
			n := apptest.Demo(t)
			for i := range c.dates {
				add(t, n, once(4+i%6, (9+i/6)*60+30, workshopAt(rochefort, fmt.Sprintf("Atelier %d : écrire un message", i+1))))
			}
			_, file := get(t, n, "/imprimer/agenda/communes/"+rochefort+".pdf?semaine=2026-W19")
			if got := sheets(t, file); got != "1" {
				t.Errorf("%s pages", got)
			}
			text := plain(said(t, []byte(file), "pdftotext"))
			if got := strings.Contains(text, "autres dates : appelez-nous"); got != c.more {
				t.Errorf("dates are left out: %v\n%s", got, text)
			}
			shown := len(regexp.MustCompile(`Atelier \d+`).FindAllString(text, -1))
			if !c.more && shown != c.dates || shown < 12 {
				t.Errorf("%d dates are shown", shown)
			}
		})
	}
}

// A week without anything says when the next dates are.
func TestPosterOfAnEmptyWeek(t *testing.T) {
	n := apptest.Demo(t)
	add(t, n, once(21, 14*60, workshopAt(rochefort, "Atelier tablette")))
	path := "/imprimer/agenda/communes/" + rochefort
	_, file := get(t, n, path+".pdf?semaine=2026-W20")
	text := plain(said(t, []byte(file), "pdftotext"))
	says(t, text, "Rien n'est prévu cette semaine à Rochefort. Voici les prochaines dates.", "Jeudi 21 mai", "Atelier tablette")
	_, page := get(t, n, "/imprimer/agenda/communes/"+fouras+"?semaine=pas-une-semaine")
	says(t, plain(page), "Rien n'est prévu cette semaine à Fouras. Aucune autre date n'est connue", "Du lundi 4 au dimanche 10 mai 2026")
	for week, want := range map[string]string{ // one that is over, and one over two years
		"2026-W18": "Du lundi 27 avril au dimanche 3 mai 2026 Rien n'est prévu", "2026-W53": "Du lundi 28 décembre 2026 au dimanche 3 janvier 2027 Rien n'est prévu",
	} {
		_, page := get(t, n, path+"?semaine="+week)
		says(t, plain(page), want)
	}
	if res, _ := n.Get("/imprimer/agenda/communes/99999.pdf"); res.StatusCode != http.StatusNotFound {
		t.Error("a commune that is none:", res.Status)
	}
}

// Nothing that people write breaks a paper: other scripts, markup, words without an end.
func TestPapersBearAnyText(t *testing.T) {
	n := apptest.Demo(t)
	titles := []string{"Atelier <script>alert(1)</script>", "ورشة عمل رقمية", "Œuvre à l'été, ça n'œuvre pas", strings.Repeat("Anticonstitutionnellement", 3), "(exemple) \\) Tj ET Q"}
	for i, title := range titles {
		in := workshopAt(rochefort, title)
		in.Where.Venue = title
		add(t, n, once(6, (9+i)*60, in))
	}
	for _, path := range []string{"/imprimer/agenda/communes/" + rochefort + "%s?semaine=2026-W19", "/imprimer/agenda%s?ou=Rochefort"} {
		_, page := get(t, n, fmt.Sprintf(path, ""))
		if strings.Contains(page, "<script>alert") {
			t.Error("markup goes through on", path)
		}
		_, file := get(t, n, fmt.Sprintf(path, ".pdf"))
		sheets(t, file)
		text := said(t, []byte(file), "pdftotext")
		says(t, text, "Œuvre à l'été, ça n'œuvre pas", "<script>alert(1)</script>", "\\) Tj ET Q")
	}
}

// The booklet has four weeks of what was asked for, by day, with its pages numbered, and no date is cut.
func TestBooklet(t *testing.T) {
	n := apptest.Demo(t)
	for day := 5; day < 29; day++ {
		add(t, n, once(day, 14*60, workshopAt(rochefort, fmt.Sprintf("Atelier du %d", day))))
	}
	add(t, n, once(6, 9*60, walkInAt(rochefort, "Permanence numérique")))
	add(t, n, once(6, 9*60, walkInAt(tonnay, "Le bus du numérique")))
	_, file := get(t, n, "/imprimer/agenda.pdf?ou=rochefort&genre=workshop")
	pages := sheets(t, file)
	text := plain(said(t, []byte(file), "pdftotext"))
	says(t, text, "L'agenda à Rochefort", "Atelier. Du lundi 4 mai 2026 au dimanche 31 mai 2026.", "Atelier du 5", "Atelier du 28", "page 1 sur "+pages, "page "+pages+" sur "+pages, "Édition du lundi 4 mai 2026")
	if strings.Contains(text, "bus du numérique") || strings.Contains(text, "Permanence") || pages == "1" {
		t.Errorf("%s pages:\n%s", pages, text)
	}
	for i, sheet := range strings.Split(strings.TrimSuffix(rawText(t, file), "\f"), "\f") {
		if a, b := strings.Count(sheet, "Atelier du"), strings.Count(sheet, "Sur inscription"); a != b || a == 0 {
			t.Errorf("page %d has %d titles and %d ways to come", i+1, a, b)
		}
	}
	for ou, want := range map[string]string{"17430": "L'agenda à Tonnay-Charente", "17300 Rochefort": "L'agenda à Rochefort", "CA Rochefort Océan": "L'agenda dans CA Rochefort Océan", "rochefort ocean": "L'agenda dans CA Rochefort Océan", "200041762": "bus du numérique", "": "bus du numérique"} {
		_, page := get(t, n, "/imprimer/agenda?ou="+strings.ReplaceAll(ou, " ", "+"))
		says(t, plain(page), want)
	}
	_, page := get(t, n, "/imprimer/agenda?ou=xyzzyx")
	says(t, plain(page), "Nous ne trouvons pas « xyzzyx »")
}

// rawText is the text of a file, a form feed after each page.
func rawText(t *testing.T, file string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The sheet of a mediator has who comes, in full, with a line for each; of somebody under silence it has an hour. Nobody else's
// dates are on it, and nothing keeps it.
func TestDaySheet(t *testing.T) {
	n := apptest.Demo(t)
	by := worker(n, identity.Mediator)
	tour, err := n.Agenda.SaveTour(t.Context(), by, agenda.Tour{Name: "Tournée de l'estuaire (exemple)", Vehicle: "Fourgon", Kit: []string{"8 tablettes", "imprimante"}, From: "2026-05-04", To: "2026-06-30", Base: rochefort})
	if err != nil {
		t.Fatal(err)
	}
	in := workshopAt(rochefort, "Atelier tablette")
	in.Tour, in.Capacity, in.Members, in.Host = tour.ID, 40, []identity.AccountID{by.Account}, agenda.Host{Name: "Mairie (exemple)", Phone: "05 36 49 00 22"}
	date := add(t, n, once(7, 14*60, in))
	stop := walkInAt(tonnay, "Permanence du bus")
	stop.Members = in.Members
	add(t, n, once(7, 9*60, stop))
	add(t, n, once(7, 9*60, walkInAt(fouras, "Sans elle")))
	for i := range 30 {
		book := agenda.NewBooking{Occurrence: date.ID, Who: person.New{Name: fmt.Sprintf("Personne Exemple%02d", i), Phone: fmt.Sprintf("06 39 98 10 %02d", i)}, Origin: agenda.FromDesk}
		if i == 7 {
			book.Silent, book.Who.Name = true, "Nom Secret"
		}
		if _, err := n.Agenda.Book(t.Context(), by, book); err != nil {
			t.Fatal(err)
		}
	}
	cookie := n.Login(identity.Mediator)
	wants := []string{
		"Feuille du jour : ", "eudi 7 mai 2026", "De 14 h à 16 h : Atelier tablette", "Mairie (exemple), 05 36 49 00 22", "8 tablettes, imprimante", "Personne Exemple00", "06 39 98 10 29",
		"Rendez-vous", "De 9 h à 11 h : Permanence du bus", "une case par personne", "détruisez-la",
	}
	head, page := get(t, n, "/pro/agenda/feuille?jour=2026-05-07&qui=me", cookie)
	says(t, plain(page), wants...)
	if head.Get("Cache-Control") != "no-store" {
		t.Error("kept:", head.Get("Cache-Control"))
	}
	head, file := get(t, n, "/pro/agenda/feuille.pdf?jour=2026-05-07&qui=me", cookie)
	if head.Get("Cache-Control") != "no-store" {
		t.Error("kept:", head.Get("Cache-Control"))
	}
	pages := sheets(t, file)
	text := plain(said(t, []byte(file), "pdftotext"))
	says(t, text, append(wants, "page 1 sur "+pages)...)
	for _, twin := range []string{page, text} {
		if strings.Contains(twin, "Secret") || strings.Contains(twin, "06 39 98 10 07") || strings.Contains(twin, "06\u00a039\u00a098\u00a010\u00a007") || strings.Contains(twin, "Sans elle") {
			t.Error("it says too much")
		}
	}
	for i, sheet := range strings.Split(strings.TrimSuffix(rawText(t, file), "\f"), "\f") {
		if !strings.Contains(sheet, "Feuille du jour") || !strings.Contains(sheet, fmt.Sprintf("page %d sur %s", i+1, pages)) {
			t.Errorf("page %d has no title or no number:\n%s", i+1, sheet)
		}
	}
	_, other := get(t, n, "/pro/agenda/feuille?jour=2026-05-07&qui="+string(by.Account), n.Login(identity.Helper))
	says(t, plain(other), "Feuille du jour", "Aucune date ce jour-là")
	if strings.Contains(other, "Personne Exemple") {
		t.Error("another structure reads who comes")
	}
}

// A week is read and written as ISO 8601 does.
func TestParseWeek(t *testing.T) {
	for text, want := range map[string]string{
		"2026-W19": "2026-05-04", "2026-w1": "2025-12-29", "2026-W53": "2026-12-28", "2027-W53": "", "2026-W00": "", "2026-W": "", "W19": "", "": "", "2026-W-3": "", "99999-W01": "",
	} {
		monday, ok := agendaweb.ParseWeek(text, time.UTC)
		if got := monday.Format(time.DateOnly); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %s, %v, want %q", text, got, ok, want)
		}
	}
}
