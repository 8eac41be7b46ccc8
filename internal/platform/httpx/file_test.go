package httpx_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"viaduc/internal/platform/httpx"
)

func TestWhoHasAFileTakesNothing(t *testing.T) {
	send := func(method, has string) *http.Response {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/", nil)
		if has != "" {
			r.Header.Set("If-None-Match", has)
		}
		w.Header().Set("Cache-Control", "no-store")
		httpx.SendFile(w, r, "text/plain", "mot.txt", []byte("un mot"))
		return w.Result()
	}
	first := send(http.MethodGet, "")
	tag := first.Header.Get("ETag")
	if first.StatusCode != http.StatusOK || first.ContentLength != 6 || first.Header.Get("Content-Disposition") != "attachment; filename=mot.txt" || tag[:3] != `W/"` {
		t.Fatalf("%d %v", first.StatusCode, first.Header)
	}
	for has, status := range map[string]int{tag: 304, tag[2:]: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "x": 200} {
		if got := send(http.MethodGet, has); got.StatusCode != status || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", has, got.StatusCode, got.Header)
		}
	}
	if head := send(http.MethodHead, ""); head.ContentLength != 6 || head.Header.Get("ETag") != tag {
		t.Errorf("HEAD: %v", head.Header)
	}
}
