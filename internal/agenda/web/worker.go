package web

import _ "embed"

// workerScript is the service worker of the pages of the team: it keeps the page without names that stands for them, and nothing else.
//
//go:embed worker.js
var workerScript string
