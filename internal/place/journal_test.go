package place

import "testing"

// The journal names each field that an import can change.
func TestJournalKnowsEveryColumn(t *testing.T) {
	for _, c := range columns {
		if journalWords[c.Name] == "" {
			t.Errorf("%s has no words", c.Name)
		}
	}
}
