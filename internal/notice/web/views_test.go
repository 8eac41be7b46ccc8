package web

import (
	"testing"

	"viaduc/internal/notice"
	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, notice.Locale, Templates, map[string]any{
		"notice_stop": stopPage{}, "notice_mine": minePage{}, "notice_calls": callsPage{}, "notice_sheets": sheetsPage{}, "notice_list": listPage{},
		"notice_message": messagePage{}, "notice_settings": settingsPage{},
	})
}
