package territory

import (
	"container/list"
	"sync"
	"time"
)

// The bounds of what is remembered of a geocoder: a thousand answers take some 300 kB.
const (
	recentAnswers = 1000
	recentFor     = 24 * time.Hour
)

// recent remembers the latest answers of a geocoder; the one that was not asked for the longest time goes first. It lives
// in memory only.
type recent struct {
	mu    sync.Mutex
	order *list.List // of *remembered, latest first
	byKey map[string]*list.Element
}

// remembered is one answer.
type remembered struct {
	key   string
	found []Candidate
	at    time.Time
}

func newRecent() *recent { return &recent{order: list.New(), byKey: map[string]*list.Element{}} }

// get returns an answer that is still good.
func (r *recent) get(key string, now time.Time) ([]Candidate, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok {
		return nil, false
	}
	one := e.Value.(*remembered)
	if now.Sub(one.at) > recentFor {
		r.drop(e)
		return nil, false
	}
	r.order.MoveToFront(e)
	return one.found, true
}

// put remembers an answer, "nothing" included.
func (r *recent) put(key string, found []Candidate, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byKey[key]; ok {
		r.drop(e)
	}
	r.byKey[key] = r.order.PushFront(&remembered{key: key, found: found, at: now})
	if r.order.Len() > recentAnswers {
		r.drop(r.order.Back())
	}
}

func (r *recent) drop(e *list.Element) {
	delete(r.byKey, e.Value.(*remembered).key)
	r.order.Remove(e)
}
