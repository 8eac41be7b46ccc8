// Package api publishes the signed head of the journal, so that anyone can keep it and prove later that the journal
// was not rewritten. A head names nobody: it holds a count, a fingerprint and a signature.
package api

import (
	"encoding/json"
	"net/http"
	"time"

	"viaduc/internal/api"
	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
)

// Handlers serves the journal's head.
type Handlers struct {
	Journal *audit.Journal
	Key     string // the public key that checks the signature
}

// head is the answer.
type head struct {
	Lines  int64  `json:"lignes"`
	At     string `json:"date"`
	Signed string `json:"tete"`
	Key    string `json:"cle_publique"`
}

// Operations lists the public addresses of the journal.
func (h *Handlers) Operations() []api.Operation {
	text := func(about string) api.Schema { return api.Schema{Type: "string", Description: about} }
	return []api.Operation{{
		Path: "/journal/tete", ID: "showJournalHead", Summary: "La dernière tête signée du journal : gardez-la, elle prouve le journal d'aujourd'hui.",
		Answer: api.Schema{Type: "object", Required: []string{"lignes", "date", "tete", "cle_publique"}, Properties: map[string]api.Schema{
			"lignes":       {Type: "integer", Description: "Nombre de lignes du journal à ce moment."},
			"date":         text("Quand la tête a été signée (RFC 3339)."),
			"tete":         text("La tête signée, à garder telle quelle."),
			"cle_publique": text("La clé qui vérifie la signature."),
		}},
		Faults: []fault.Kind{fault.NotFound}, Serve: h.show,
	}}
}

func (h *Handlers) show(w http.ResponseWriter, r *http.Request) error {
	last, err := h.Journal.LastHead(r.Context())
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "audit.no_head")
	}
	if err != nil {
		return err
	}
	body, err := json.Marshal(head{Lines: last.Size, At: db.Time(last.At).Format(time.RFC3339), Signed: last.Note, Key: h.Key})
	if err != nil {
		return err
	}
	api.Write(w, "application/json", "no-cache", http.StatusOK, body)
	return nil
}
