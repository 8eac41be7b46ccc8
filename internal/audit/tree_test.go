package audit

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// The tree agrees with the library that heads are made with, hash by hash, at every size.
func TestTreeIsThatOfTheLibrary(t *testing.T) {
	var stored, grown []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	var ours tree
	for n := range int64(300) {
		data := fmt.Appendf(nil, "leaf %d", n)
		more, err := tlog.StoredHashes(n, data, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
		if grown = append(grown, ours.grow(tlog.RecordHash(data))...); !slices.Equal(grown, stored) {
			t.Fatalf("leaf %d: the stored hashes differ", n)
		}
		root, err := tlog.TreeHash(n+1, reader)
		if err != nil {
			t.Fatal(err)
		}
		if ours.root() != root {
			t.Fatalf("size %d: the root differs", n+1)
		}
	}
}
