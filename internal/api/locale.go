package api

import "embed"

// Locale holds the words of this package.
//
//go:embed locale/*.json
var Locale embed.FS
