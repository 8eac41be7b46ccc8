package place

import (
	"context"
	"strings"
	"unicode/utf8"

	"viaduc/internal/audit"
	"viaduc/internal/identity"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/id"
	"viaduc/internal/platform/picture"
)

// Photo is a photo of a place, without its pixels.
type Photo struct {
	ID            string
	Alt           string // what it shows, for those who do not see it
	Width, Height int
	rank          int64
}

// The bounds of a place's photos.
const (
	MaxPhotos   = 4
	MaxPhotoAlt = 200 // letters
)

// Photos are the photos of a place in their order.
func (x *Index) Photos(e *Entry) []Photo { return x.photos[e.ID] }

// PhotoBody returns the JPEG of a photo. It reports fault.NotFound (place.photo_unknown).
func (s *Service) PhotoBody(ctx context.Context, photo string) ([]byte, error) {
	body, err := photoBody(ctx, s.db, photo)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "place.photo_unknown")
	}
	return body, err
}

// AddPhoto adds a photo behind the others. It reports fault.Invalid for a text that says nothing or too much (field "alt"),
// fault.Conflict where the place has MaxPhotos (place.photo_most), and what Managed reports.
func (s *Service) AddPhoto(ctx context.Context, by identity.Actor, n Number, p picture.Picture, alt string) error {
	alt = strings.Join(strings.Fields(alt), " ")
	if alt == "" || utf8.RuneCountInString(alt) > MaxPhotoAlt {
		return fault.New(fault.Invalid, "place.photo_invalid").With("alt", "place.photo_alt", "Most", MaxPhotoAlt)
	}
	return s.changePhotos(ctx, by, n, "place.photo_add", func(ctx context.Context, tx *db.Tx, of ID) error {
		added, err := insertPhoto(ctx, tx, of, Photo{ID: id.New(), Alt: alt, Width: p.Width, Height: p.Height}, p.Body, s.now())
		if err == nil && added == 0 {
			err = fault.New(fault.Conflict, "place.photo_most", "Most", MaxPhotos)
		}
		return err
	})
}

// RemovePhoto removes a photo of a place. It reports fault.NotFound (place.photo_unknown) and what Managed reports.
func (s *Service) RemovePhoto(ctx context.Context, by identity.Actor, n Number, photo string) error {
	return s.changePhotos(ctx, by, n, "place.photo_remove", func(ctx context.Context, tx *db.Tx, of ID) error {
		gone, err := deletePhoto(ctx, tx, of, photo)
		if err == nil && gone == 0 {
			err = fault.New(fault.NotFound, "place.photo_unknown")
		}
		return err
	})
}

// RaisePhoto puts a photo before the one that precedes it; the first stays. Its errors are RemovePhoto's.
func (s *Service) RaisePhoto(ctx context.Context, by identity.Actor, n Number, photo string) error {
	return s.changePhotos(ctx, by, n, "place.photo_move", func(ctx context.Context, tx *db.Tx, of ID) error {
		list, err := photosOf(ctx, tx, of)
		if err != nil {
			return err
		}
		for i, p := range list {
			if p.ID != photo {
				continue
			}
			if i == 0 {
				return nil
			}
			return swapPhotos(ctx, tx, p, list[i-1])
		}
		return fault.New(fault.NotFound, "place.photo_unknown")
	})
}

// changePhotos runs fn on the photos of a place, as its only writer.
func (s *Service) changePhotos(ctx context.Context, by identity.Actor, n Number, action string, fn func(context.Context, *db.Tx, ID) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		last, err := touch(ctx, tx)
		if err != nil {
			return err
		}
		one, err := s.managed(ctx, tx, by, n)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, one.ID); err != nil {
			return err
		}
		if err := s.journal.RecordTx(ctx, tx, audit.Entry{Actor: by.Audit(), Action: action, Object: audit.Object{Kind: "place", ID: string(one.ID)}}); err != nil {
			return err
		}
		return saveState(ctx, tx, last)
	})
}

// PhotosOf lists the photos of a place for somebody who may change it, as the database has them. It reports what Managed
// reports.
func (s *Service) PhotosOf(ctx context.Context, by identity.Actor, n Number) ([]Photo, error) {
	one, err := s.Managed(ctx, by, n)
	if err != nil {
		return nil, err
	}
	return photosOf(ctx, s.db, one.ID)
}
