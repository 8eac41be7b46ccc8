package ui_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

// Leaflet is served as its authors made it: these are the sums of the files of its npm package, version 1.9.4.
func TestLeafletIsUnchanged(t *testing.T) {
	for name, want := range map[string]string{
		"leaflet.js":  "db49d009c841f5ca34a888c96511ae936fd9f5533e90d8b2c4d57596f4e5641a",
		"leaflet.css": "a7837102824184820dfa198d1ebcd109ff6d0ff9a2672a074b9a1b4d147d04c6",
		"leaflet.txt": "53e8dc25862014e4324741ca18fbe3611e11d42ef69f59f86ea8c5389647d4cb",
	} {
		raw, err := os.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not what its authors made", name)
		}
	}
}
