package place_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"sync"
	"testing"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/db"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/picture"
	"viaduc/internal/testkit"
)

func photo(t testing.TB) picture.Picture {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	p, err := picture.Read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Photos come, change places and go; what they show is said; the index has them at once.
func TestPhotos(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.places
		w.importText(t, "id,pivot,nom,commune,code_postal,adresse,date_maj\na,00000000000000,Tiers-lieu d'exemple,Rochefort,17300,1 rue Exemple,2026-05-01\n")
		by := identity.AtCLI()
		alts := func() (out []string, ids []string) {
			if _, err := s.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			e, _ := s.Index().Place(1)
			for _, p := range s.Index().Photos(e) {
				out, ids = append(out, p.Alt), append(ids, p.ID)
			}
			return out, ids
		}
		for _, alt := range []string{"La salle", "La  cuisine", "L'entrée"} {
			if err := s.AddPhoto(t.Context(), by, 1, photo(t), alt); err != nil {
				t.Fatal(err)
			}
		}
		list, ids := alts()
		if fmt.Sprint(list) != "[La salle La cuisine L'entrée]" {
			t.Fatalf("%v", list)
		}
		if body, err := s.PhotoBody(t.Context(), ids[1]); err != nil || len(body) < 100 || body[0] != 0xff {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		for range 3 {
			if err := s.RaisePhoto(t.Context(), by, 1, ids[2]); err != nil {
				t.Fatal(err)
			}
		}
		if list, _ = alts(); fmt.Sprint(list) != "[L'entrée La salle La cuisine]" {
			t.Errorf("raised: %v", list)
		}
		if err := s.RemovePhoto(t.Context(), by, 1, ids[0]); err != nil {
			t.Fatal(err)
		}
		if list, _ = alts(); fmt.Sprint(list) != "[L'entrée La cuisine]" {
			t.Errorf("removed: %v", list)
		}
		for name, err := range map[string]error{
			"removed twice": s.RemovePhoto(t.Context(), by, 1, ids[0]), "raised and gone": s.RaisePhoto(t.Context(), by, 1, ids[0]), "of no place": s.AddPhoto(t.Context(), by, 99, photo(t), "x"),
		} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, alt := range []string{"", " \n ", string(bytes.Repeat([]byte("x"), place.MaxPhotoAlt+1))} {
			if err := s.AddPhoto(t.Context(), by, 1, photo(t), alt); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", alt, err)
			}
		}
		if err := s.AddPhoto(t.Context(), identity.Nobody(), 1, photo(t), "x"); err == nil {
			t.Error("anybody adds a photo")
		}
	})
}

// Fifty photos sent at once: the place has four, in an order without gap or double.
func TestFiftyPhotosAtOnce(t *testing.T) {
	testkit.EachEngine(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		s := w.places
		w.importText(t, "id,pivot,nom,commune,code_postal,adresse,date_maj\na,00000000000000,Tiers-lieu d'exemple,Rochefort,17300,1 rue Exemple,2026-05-01\n")
		one := photo(t)
		var wg sync.WaitGroup
		errs := make(chan error, 50)
		for i := range 50 {
			wg.Go(func() { errs <- s.AddPhoto(t.Context(), identity.AtCLI(), 1, one, fmt.Sprint("Photo ", i)) })
		}
		wg.Wait()
		close(errs)
		added := 0
		for err := range errs {
			switch {
			case err == nil:
				added++
			case !fault.Is(err, fault.Conflict):
				t.Error(errors.Unwrap(err), err)
			}
		}
		list, err := s.PhotosOf(t.Context(), identity.AtCLI(), 1)
		if err != nil || added != place.MaxPhotos || len(list) != place.MaxPhotos {
			t.Errorf("%d were told they were added, %d are there, %v", added, len(list), err)
		}
	})
}
