package httpx

import (
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// SendFile answers with the whole of a file of a media type, to be saved under a name, or shown where name is "". What it holds names it
// in its ETag, which is weak since it may be compressed on the way: whoever has it already takes nothing (304). What the caller wrote in
// the header before, how long it may be kept above all, goes with both answers.
func SendFile(w http.ResponseWriter, r *http.Request, kind, name string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	head := w.Header()
	head.Set("ETag", tag)
	if Has(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	head.Set("Content-Type", kind)
	if name != "" {
		head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader left: nothing to do
	}
}

// Has reports whether a request says that its sender has what an entity tag names: its If-None-Match, compared weakly (RFC 9110, 13.1.2).
func Has(r *http.Request, tag string) bool {
	for one := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
