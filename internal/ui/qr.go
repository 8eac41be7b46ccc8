package ui

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/skip2/go-qrcode"
)

// QR is a code that a telephone reads: template "qr". It is drawn black on white in every theme, since readers need it so.
type QR struct {
	Label string // for those who do not see it
	Size  int    // modules a side, margin included
	Path  template.HTMLAttr

	runs []QRRun
}

// QRRun is dark modules beside each other, for who draws a code otherwise than as SVG.
type QRRun struct{ X, Y, Length int }

// Runs lists the dark modules, row by row.
func (q QR) Runs() []QRRun { return q.runs }

// NewQR draws a text. It reports one that is too long for a code.
func NewQR(text, label string) (QR, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return QR{}, fmt.Errorf("draw a QR code: %w", err)
	}
	bits := code.Bitmap()
	var d strings.Builder
	var runs []QRRun
	for y, row := range bits {
		for x := 0; x < len(row); x++ {
			start := x
			for x < len(row) && row[x] {
				x++
			}
			if x > start {
				runs = append(runs, QRRun{start, y, x - start})
				fmt.Fprintf(&d, "M%d %dh%dv1h-%dz", start, y, x-start, x-start)
			}
		}
	}
	return QR{Label: label, Size: len(bits), Path: template.HTMLAttr(`d="` + d.String() + `"`), runs: runs}, nil // letters and numbers of our own
}
