package territory

import (
	"bytes"
	"testing"
)

// A path is read back as the lines that it was made of: each pair of numbers is a step from the corner before.
func TestPathsAreSteps(t *testing.T) {
	var b bytes.Buffer
	writePath(&b, [][]Corner{{{585, 767}, {584, 760}, {587, 741}}, {{587, 741}, {10, 0}}}, false)
	writePath(&b, [][]Corner{{{5, 5}, {9, 5}, {9, 9}}, {{1, 1}, {2, 1}, {2, 3}}}, true)
	if got, want := b.String(), "m585 767-1-7 3-19m0 0-577-741m5 5 4 0 0 4zm-4-4 1 0 0 2z"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
