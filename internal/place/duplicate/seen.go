package duplicate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// Seen stands for what is compared of two records, in whatever order they are given: whoever says that they are two places
// says it of that. It is another as soon as a name, an address, a commune, a kind, a position or a source is.
func Seen(a, b Record) string {
	if a.Number > b.Number {
		a, b = b, a
	}
	h := sha256.New()
	for _, r := range []Record{a, b} {
		kinds := slices.Clone(r.Kinds)
		slices.Sort(kinds)
		fmt.Fprintf(h, "%d %q %q %q %q %q %t %g %g\n", r.Number, r.Source, r.Name, r.Address, r.Commune, kinds, r.Located, r.Lat, r.Lon)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
