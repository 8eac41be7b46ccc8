package web

import (
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	views := map[string]any{"home": homePage{}, "territory_texts": textsPage{}, "territory_news_admin": newsPage{}, "territory_news": publicNews{}}
	for _, s := range statements {
		views[s.template] = statementPage{}
	}
	uitest.CheckViews(t, Locale, Templates, views)
}
