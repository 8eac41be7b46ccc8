package web

import (
	"testing"

	"viaduc/internal/alert"
	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, alert.Locale, Templates, map[string]any{"alert_form": formPage{}, "alert_thanks": thanksPage{}, "alert_alert": alertPage{}})
}
