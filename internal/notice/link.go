package notice

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// Links makes the addresses that stand in messages, all under the public address of this instance.
type Links struct{ base string }

// ErrPublicURL says that the public address cannot be one: https, a host, no folder; http on this machine alone.
var ErrPublicURL = errors.New("public address")

// NewLinks reads the public address, such as https://viaduc.exemple.fr. It reports ErrPublicURL.
func NewLinks(public string) (Links, error) {
	u, err := url.Parse(strings.TrimSuffix(public, "/"))
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return Links{}, ErrPublicURL
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return Links{}, ErrPublicURL
	}
	return Links{base: u.String()}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// pathForm is a path of ours, without anything that a mail program or a telephone could read otherwise.
var pathForm = regexp.MustCompile(`^/[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]*)*$`)

// to is the address of a page of ours; false when path is no plain path. The page must show one button and change
// nothing by being opened: mail programs open links to look at them.
func (l Links) to(path string) (string, bool) {
	if !pathForm.MatchString(path) || strings.Contains(path, "..") || strings.Contains(path, "//") {
		return "", false
	}
	return l.base + path, true
}

// StopPath is the page on which one says stop, followed by a token.
const StopPath = "/avis/arret/"
