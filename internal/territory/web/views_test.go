package web

import (
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	views := map[string]any{"home": homePage{}}
	for _, s := range statements {
		views[s.template] = statementPage{}
	}
	uitest.CheckViews(t, Locale, Templates, views)
}
