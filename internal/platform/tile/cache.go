package tile

import (
	"container/list"
	"time"
)

// square is one image, and until when it may be shown.
type square struct {
	kind   string
	body   []byte
	until  time.Time
	failed bool // an empty one, in the place of what could not be had
}

// cost is what a square takes in memory, what surrounds it included.
func (t square) cost() int { return len(t.body) + 200 }

// cache keeps the squares that were asked for last, within a bound of bytes. Its user locks it.
type cache struct {
	most, held int
	recent     *list.List // of *entry, the latest in front
	bySpot     map[spot]*list.Element
}

type entry struct {
	spot
	square
}

func newCache(most int) cache {
	return cache{most: most, recent: list.New(), bySpot: map[spot]*list.Element{}}
}

// take returns a square that may still be shown.
func (c *cache) take(s spot, now time.Time) (square, bool) {
	e, ok := c.bySpot[s]
	if !ok {
		return square{}, false
	}
	if t := e.Value.(*entry).square; t.until.After(now) {
		c.recent.MoveToFront(e)
		return t, true
	}
	c.drop(e)
	return square{}, false
}

// put keeps a square in the place of those that nobody asked for in a long time.
func (c *cache) put(s spot, t square) {
	if e, ok := c.bySpot[s]; ok {
		c.drop(e)
	}
	c.bySpot[s] = c.recent.PushFront(&entry{s, t})
	c.held += t.cost()
	for c.held > c.most {
		c.drop(c.recent.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	gone := c.recent.Remove(e).(*entry)
	delete(c.bySpot, gone.spot)
	c.held -= gone.cost()
}
