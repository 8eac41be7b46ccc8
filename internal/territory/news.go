package territory

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
)

// News is what a territory tells its residents.
type News struct {
	ID       string
	Number   int64  // short public number, in its address
	Title    string // one line
	Body     string // paragraphs, one a line
	StartsOn string // civil date YYYY-MM-DD of the first day it is shown
	EndsOn   string // the last day; "" is always
	Version  int64  // given back with a change, so that two people do not overwrite each other; 0 is a new one
}

// Shown reports whether residents see the news on a civil date.
func (n News) Shown(on string) bool {
	return n.StartsOn <= on && (n.EndsOn == "" || on <= n.EndsOn)
}

// The most letters of a news.
const (
	maxNewsTitle = 120
	maxNewsBody  = 5000
)

func (n News) clean() (News, error) {
	f := fault.New(fault.Invalid, "territory.news_invalid")
	n.Title, n.Body = strings.Join(strings.Fields(n.Title), " "), strings.TrimSpace(n.Body)
	if size := utf8.RuneCountInString(n.Title); size == 0 || size > maxNewsTitle {
		f.With("title", "territory.news_title", "Most", maxNewsTitle)
	}
	if size := utf8.RuneCountInString(n.Body); size == 0 || size > maxNewsBody {
		f.With("body", "territory.news_body", "Most", maxNewsBody)
	}
	if !civil(n.StartsOn) {
		f.With("starts_on", "territory.news_date")
	}
	if n.EndsOn != "" && !civil(n.EndsOn) {
		f.With("ends_on", "territory.news_date")
	} else if n.EndsOn != "" && civil(n.StartsOn) && n.EndsOn < n.StartsOn {
		f.With("ends_on", "territory.news_order")
	}
	if f.Fields != nil {
		return n, f
	}
	return n, nil
}

func civil(day string) bool {
	_, err := time.Parse(time.DateOnly, day)
	return err == nil
}

// SaveNews writes a news: a new one when its Version is 0, else the change of the one of its ID. It reports fault.Invalid
// with the fields that cannot be, fault.NotFound for an unknown one, and fault.Conflict when somebody changed it meanwhile.
func (s *Service) SaveNews(ctx context.Context, by audit.Actor, n News) (News, error) {
	n, err := n.clean()
	if err != nil {
		return n, err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := touch(ctx, tx); err != nil {
			return err
		}
		if n.Version == 0 {
			n.ID = id.New()
			if n.Number, err = nextNews(ctx, tx); err != nil {
				return err
			}
			n.Version = 1
			err = insertNews(ctx, tx, n)
		} else {
			n.Version++
			err = updateNews(ctx, tx, n)
		}
		if err != nil {
			return err
		}
		return s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by, Action: "territory.news", Object: audit.Object{Kind: "news", ID: n.ID}})
	})
	return n, err
}

// NewsOf returns a news by its public number. It reports fault.NotFound.
func (s *Service) NewsOf(ctx context.Context, number int64) (News, error) {
	return newsByNumber(ctx, s.db, number)
}

// ShownNews lists what residents see on a civil date, the newest first, at most limit.
func (s *Service) ShownNews(ctx context.Context, on string, limit int) ([]News, error) {
	return listShownNews(ctx, s.db, on, limit)
}

// AllNews lists every news, the newest first, at most limit.
func (s *Service) AllNews(ctx context.Context, limit int) ([]News, error) {
	return listNews(ctx, s.db, limit)
}
