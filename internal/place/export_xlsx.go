package place

import (
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// sheetName is the one sheet of the workbook.
const sheetName = "Lieux"

// maxSheetRows is what a sheet holds, its header apart: a limit of the format.
const maxSheetRows = excelize.TotalRows - 1

// maxSheetText is the length of a cell, in UTF-16 units. A longer text is cut, with an ellipsis that says so.
const maxSheetText = excelize.TotalCellChars

// widths are the columns whose texts are longer or shorter than most, in characters.
var widths = map[string]float64{
	"id": 34, "pivot": 16, "nom": 44, "commune": 24, "code_postal": 12, "code_insee": 12, "adresse": 36, "latitude": 12, "longitude": 12,
	"telephone": 15, "courriels": 30, "site_web": 34, "horaires": 34, "presentation_resume": 50, "presentation_detail": 50, "date_maj": 12, "services": 50,
}

const usualWidth = 24

// sheetWriter writes a workbook. Its rows wait in a temporary file that Close removes.
type sheetWriter struct {
	dst   io.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	text  int // style of text cells: a spreadsheet that edits one keeps it as text
	row   int
	cells []any
}

func newSheetWriter(dst io.Writer) (*sheetWriter, error) {
	w := &sheetWriter{dst: dst, file: excelize.NewFile(), cells: make([]any, len(standard))}
	if err := w.begin(); err != nil {
		_ = w.file.Close()
		return nil, fmt.Errorf("begin workbook: %w", err)
	}
	return w, nil
}

func (w *sheetWriter) begin() error {
	if err := w.file.SetSheetName("Sheet1", sheetName); err != nil {
		return err
	}
	if err := w.file.SetDocProps(&excelize.DocProperties{Creator: "Viaduc", Title: "Lieux de médiation numérique", Language: "fr-FR"}); err != nil {
		return err
	}
	const textFormat = 49 // "@", one of the formats that every spreadsheet has
	var err error
	if w.text, err = w.file.NewStyle(&excelize.Style{NumFmt: textFormat}); err != nil {
		return err
	}
	bold, err := w.file.NewStyle(&excelize.Style{NumFmt: textFormat, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if w.sheet, err = w.file.NewStreamWriter(sheetName); err != nil {
		return err
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, c := range standard {
		width, ok := widths[c.Name]
		if !ok {
			width = usualWidth
		}
		if err := w.sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
		w.cells[i] = excelize.Cell{StyleID: bold, Value: c.Name}
	}
	return w.write()
}

func (w *sheetWriter) write() error {
	w.row++
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.sheet.SetRow(at, w.cells)
}

func (w *sheetWriter) put(p *Place, rep *ExportReport) error {
	if w.row > maxSheetRows {
		return fmt.Errorf("a sheet holds %d places at most", maxSheetRows)
	}
	rep.Written++
	for i, c := range standard {
		v := c.Value(p)
		switch {
		case v == "":
			w.cells[i] = nil
		case c.Name == "latitude":
			w.cells[i] = p.Point.Lat
		case c.Name == "longitude":
			w.cells[i] = p.Point.Lon
		default:
			if len(v) > maxSheetText && len(utf16.Encode([]rune(v))) > maxSheetText {
				v = clip(v, maxSheetText/2)
			}
			w.cells[i] = excelize.Cell{StyleID: w.text, Value: v}
		}
	}
	return w.write()
}

func (w *sheetWriter) next() (bool, error) {
	if err := w.sheet.Flush(); err != nil {
		return false, err
	}
	return false, w.file.Write(w.dst)
}

// Close removes the temporary file.
func (w *sheetWriter) Close() error { return w.file.Close() }
