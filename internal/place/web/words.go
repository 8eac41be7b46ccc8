package web

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"viaduc/internal/place"
	"viaduc/internal/place/openinghours"
	"viaduc/internal/ui"
)

// opening is what a resident reads about being open: a state, a word for it, and until or from when.
type opening struct {
	state, text, more string
}

// closingSoon is when "ouvert" becomes "ferme dans 20 minutes".
const closingSoon = time.Hour

// openingOf says whether a place is open at the instant of the page, in its own local time.
func openingOf(p ui.Page, e *place.Entry) opening {
	s, ok := e.StatusAt(p.Now())
	if !ok {
		if e.Place.Hours != "" {
			return opening{ui.OpenUnknown, p.T("place.hours.unreadable"), ""}
		}
		return opening{ui.OpenUnknown, p.T("place.hours.unknown"), ""}
	}
	now := p.Now().In(e.Locale().Zone)
	switch {
	case s.State == openinghours.Open && s.Until.IsZero():
		return opening{ui.OpenNow, p.T("place.open"), ""}
	case s.State == openinghours.Open && s.Until.Sub(now) <= closingSoon:
		return opening{ui.OpenNow, p.T("place.open"), p.N("place.closes_in", max(1, int(s.Until.Sub(now).Minutes())))}
	case s.State == openinghours.Open:
		return opening{ui.OpenNow, p.T("place.open"), p.T("place.until", "Hour", hourOf(p, s.Until.In(now.Location())))}
	case s.State == openinghours.Unknown:
		return opening{ui.OpenUnknown, p.T("place.maybe"), ""}
	case s.Next.IsZero():
		return opening{ui.Closed, p.T("place.closed"), s.Comment}
	}
	return opening{ui.OpensLater, p.T("place.closed"), opensAt(p, now, s.Next.In(now.Location()))}
}

func hourOf(p ui.Page, t time.Time) string { return p.Hour(t.Hour(), t.Minute()) }

// opensAt says the next opening as people do: today by its hour, tomorrow, the day of the week, else the date.
func opensAt(p ui.Page, now, next time.Time) string {
	hour := hourOf(p, next)
	days := openinghours.DateOf(next).Sub(openinghours.DateOf(now))
	switch {
	case days == 0:
		return p.T("place.opens_today", "Hour", hour)
	case days == 1:
		return p.T("place.opens_tomorrow", "Hour", hour)
	case days < 7:
		return p.T("place.opens_weekday", "Day", p.Weekday(next.Weekday()), "Hour", hour)
	}
	return p.T("place.opens_date", "Day", p.Day(next), "Hour", hour)
}

// shapes are the marks of the offers.
var shapes = map[place.Offer]string{
	place.OfferMediator: ui.Circle, place.OfferSelfService: ui.Square, place.OfferWifi: ui.Triangle, place.OfferUnsaid: ui.Diamond,
}

// offerKeys say in five words what one finds.
var offerKeys = map[place.Offer]string{
	place.OfferMediator: "place.offer.mediator", place.OfferSelfService: "place.offer.self_service", place.OfferWifi: "place.offer.wifi",
	place.OfferUnsaid: "place.offer.unsaid",
}

// card is a place in a list.
func card(p ui.Page, f place.Found) ui.PlaceCard {
	o := openingOf(p, f.Entry)
	c := ui.PlaceCard{
		Shape: shapes[f.Offer()], Name: calm(f.Name), Href: p.Path(Path(f.Entry)), State: o.state, StateText: o.text, StateMore: o.more,
		Town: calm(f.Commune), Offer: p.T(offerKeys[f.Offer()]), Phone: ui.Phone(f.Phone), PhoneHref: ui.PhoneHref(f.Phone),
	}
	if f.ToCheck {
		c.Warning = p.T("place.check")
	}
	if f.Metres >= 0 {
		c.Distance = p.Distance(f.Metres)
	}
	return c
}

// smallWords stay small inside a name.
var smallWords = wordSet("de du des la le les sur sous en et d l au aux lès à rue avenue av boulevard bd place pl chemin route allée impasse quai cours square bis ter")

// initials stay large in a name.
var initials = wordSet("ccas cias mjc caf msa cpam epn udaf adil pimms greta afpa epide cap msap ehpad mda mds cc ca zac za bp tsa cs rn rd asso ii iii iv")

func wordSet(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// calm writes a text that a file shouts ("LA ROCHELLE", "73 RUE TOUFAIRE") as people write it ("La Rochelle", "73 rue
// Toufaire"), since words in capitals are hard to read. A text with small letters of its own, or of one word of four
// letters at most, stays as it is.
func calm(text string) string {
	small := func(r rune) bool { return unicode.ToUpper(r) != r }
	if strings.ContainsFunc(text, small) || utf8.RuneCountInString(text) <= 4 {
		return text
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		end := strings.IndexFunc(rest, func(r rune) bool { return !unicode.IsLetter(r) })
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		lower := strings.ToLower(word)
		switch {
		case initials[lower]:
			b.WriteString(word)
		case smallWords[lower] && b.Len() > 0:
			b.WriteString(lower)
		default:
			b.WriteString(capital(lower))
		}
		rest = rest[end:]
		if _, size := utf8.DecodeRuneInString(rest); size > 0 {
			b.WriteString(rest[:size])
			rest = rest[size:]
		}
	}
	return b.String()
}

// calmAddress writes the kind of way small inside a sentence: "12 Rue de la République" is "12 rue de la République".
func calmAddress(label string) string {
	words := strings.Split(label, " ")
	for i, w := range words {
		if i > 0 && i < 3 && smallWords[strings.ToLower(w)] {
			words[i] = strings.ToLower(w)
		}
	}
	return strings.Join(words, " ")
}

func capital(word string) string {
	r, size := utf8.DecodeRuneInString(word)
	if size == 0 {
		return ""
	}
	return strings.ToUpper(string(r)) + word[size:]
}

// Path is the address of a place's page, without language prefix.
func Path(e *place.Entry) string {
	return "/lieux/" + slugOf(e)
}
