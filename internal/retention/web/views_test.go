package web

import (
	"embed"
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, embed.FS{}, Templates, map[string]any{"retention_list": listPage{}, "retention_rule": rulePage{}})
}
