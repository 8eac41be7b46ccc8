package ui

import (
	"log/slog"
	"testing"
	"time"

	"github.com/jba/templatecheck"

	"viaduc/internal/platform/i18n"
)

// TestTemplatesMatchTheirViews checks, without running them, that every field and method a template names exists in
// the struct it is fed.
func TestTemplatesMatchTheirViews(t *testing.T) {
	c, err := i18n.New(Locale())
	if err != nil {
		t.Fatal(err)
	}
	k, err := New(Deps{
		Catalog: c, Site: func(string) Site { return Site{} }, Now: time.Now,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]any{
		"page_top": Page{}, "page_notes": Page{}, "page_bottom": Page{},
		"back": Back{}, "breadcrumb": Breadcrumb{}, "field": Field{}, "radios": Choices{},
		"checkboxes": Choices{}, "select": Choices{}, "choices_top": Choices{},
		"option_words": Option{}, "checkbox": Checkbox{}, "date_fields": DateFields{}, "slots": Slots{},
		"error_summary": ErrorSummary{}, "message": Message{}, "summary": Summary{}, "confirmation": Confirmation{},
		"tiles": Tiles{}, "mark": Mark{}, "mark_shape": Mark{},
		"event_day": EventDay{}, "event_card": EventCard{}, "tag": Tag{}, "pager": Pager{}, "filters": Filters{},
		"search": Search{}, "table": Table{}, "cell": Cell{}, "details": Details{}, "phone_block": PhoneBlock{},
		"languages": LanguageList{}, "steps": Steps{}, "exit": Exit{}, "empty": EmptyState{}, "print": Print{},
		"around": Around{}, "figure": Figure{}, "qr": QR{}, "problem": problem{}, "comfort": comfortView{}, "languages_page": languagesView{},
		"components_page": componentsView{},
	}
	for _, name := range k.Names() {
		view, ok := views[name]
		if !ok {
			if k.templates.Lookup(name).Tree != nil && !emptyTemplate(k, name) {
				t.Errorf("template %s is checked with no view", name)
			}
			continue
		}
		if err := templatecheck.CheckHTMLStrict(k.templates.Lookup(name), view); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// emptyTemplate reports a file that holds only definitions.
func emptyTemplate(k *Kit, name string) bool {
	return len(k.templates.Lookup(name).Tree.Root.String()) < 3
}
