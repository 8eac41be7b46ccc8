package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// displays compares the list with its drawn map with a page of Leaflet and supercluster that draws the same places: one
// browser, a poor line (512 kbit/s, 400 ms) and a quarter of the processor's speed, by turns. The browser's tests do it, and
// write what they saw.
func (b *bench) displays(ctx context.Context) error {
	out := filepath.Join(b.dir, "display.json")
	data, err := filepath.Abs(b.data)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "test", "-count=1", "-run", "^TestDrawnMapComesBeforeLeafletAndSupercluster$", "./e2e")
	cmd.Env = append(os.Environ(), "DISPLAY_OUT="+out, "VIADUC_TESTDATA="+data, "CI=1") // what lacks is a failure
	said, failed := cmd.CombinedOutput()
	raw, err := os.ReadFile(out)
	if err != nil {
		return fmt.Errorf("%w: %s", failed, said)
	}
	var seen map[string]struct {
		First, Map   float64
		Bytes, Files int
	}
	if err := json.Unmarshal(raw, &seen); err != nil {
		return err
	}
	our, peer := seen["ours"], seen["peer"]
	b.figure(our.Map < peer.Map, "first display of /lieux with its map, beside Leaflet and supercluster drawing the same places",
		fmt.Sprintf("%.1f times sooner", peer.Map/our.Map), "sooner",
		fmt.Sprintf("%.1f s beside %.1f s; something is seen after %.1f s beside %.1f s", our.Map/1000, peer.Map/1000, our.First/1000, peer.First/1000))
	b.figure(our.Bytes < peer.Bytes, "its bytes on the wire", fmt.Sprintf("%.1f times fewer", float64(peer.Bytes)/float64(our.Bytes)), "fewer",
		fmt.Sprintf("%.1f kB in %d files beside %.1f kB in %d", float64(our.Bytes)/1000, our.Files, float64(peer.Bytes)/1000, peer.Files))
	return nil
}
