package web

import (
	"embed"
	"testing"

	"viaduc/internal/ui/uitest"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	uitest.CheckViews(t, embed.FS{}, Templates, map[string]any{"audit_lines": linesPage{}, "audit_heads": headsPage{}})
}
