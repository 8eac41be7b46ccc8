package audit

import "embed"

// Locale holds the words of the journal's refusals. Sentences of lines stand beside their actions.
//
//go:embed locale/*.json
var Locale embed.FS
