package web

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"viaduc/internal/identity"
	"viaduc/internal/place"
	"viaduc/internal/platform/fault"
	"viaduc/internal/platform/picture"
	"viaduc/internal/ui"
)

const (
	photosEnd = "/photos"  // ends the pages about the photos of a place
	photoPath = "/photos/" // begins the address of a photo
)

// LargestBody is how many bytes a request may have: a photo is larger than any form.
func LargestBody(r *http.Request) int64 {
	if r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, teamPath+"/") && strings.HasSuffix(r.URL.Path, photosEnd) {
		return picture.MaxSource + 64<<10 // and what the form says beside it
	}
	return 0
}

// photoPage is the view of /lieux/{slug}/photos: one photo a page, so that each page stays light.
type photoPage struct {
	ui.Page
	Back  ui.Back
	Name  string
	Photo shownPhoto
	Pager ui.Pager
}

// shownPhoto is a photo ready to be shown.
type shownPhoto struct {
	Src, Alt      string
	Width, Height int
	ID            string
	First         bool
}

func shown(p place.Photo) shownPhoto {
	return shownPhoto{Src: photoPath + p.ID + ".jpg", Alt: p.Alt, Width: p.Width, Height: p.Height, ID: p.ID}
}

func (h *Handlers) showPhotos(w http.ResponseWriter, r *http.Request) error {
	e, err := h.entry(r)
	if err != nil {
		return err
	}
	photos := h.Places.Index().Photos(e)
	if len(photos) == 0 {
		return fault.New(fault.NotFound, "place.photo_unknown")
	}
	p := h.Kit.Page(r, "")
	p.Title = p.T("place.photos.title", "Name", calm(e.Name))
	at, _ := strconv.Atoi(r.URL.Query().Get("page"))
	at = min(max(at, 1), len(photos))
	v := photoPage{Page: p, Back: p.Back(Path(e)), Name: calm(e.Name), Photo: shown(photos[at-1])}
	v.Pager = p.Pager(Path(e)+photosEnd, nil, at, len(photos))
	return h.Kit.Render(w, r, http.StatusOK, "place_photos", v)
}

// sendPhoto serves a photo. A photo never changes under its id.
func (h *Handlers) sendPhoto(w http.ResponseWriter, r *http.Request) error {
	id, ok := strings.CutSuffix(r.PathValue("file"), ".jpg")
	if !ok {
		return fault.New(fault.NotFound, "place.photo_unknown")
	}
	body, err := h.Places.PhotoBody(r.Context(), id)
	if err != nil {
		return err
	}
	head := w.Header()
	head.Set("Content-Type", "image/jpeg")
	head.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	head.Set("Cache-Control", "public, max-age=31536000, immutable")
	head.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader left: nothing to do
	}
	return nil
}

// photosForm is the view of /pro/lieux/{numero}/photos.
type photosForm struct {
	ui.Page
	Back   ui.Back
	Errors ui.ErrorSummary
	Name   string
	Action string
	Photos []shownPhoto
	File   ui.Field
	Alt    ui.Field
	Full   bool
}

func (h *Handlers) managePhotos(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	return h.renderPhotos(w, r, by, "", nil)
}

// renderPhotos shows the form, with what was refused.
func (h *Handlers) renderPhotos(w http.ResponseWriter, r *http.Request, by identity.Actor, alt string, problem error) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	one, err := h.Places.Managed(r.Context(), by, n)
	if err != nil {
		return err
	}
	p := h.Kit.Page(r, "Les photos : "+calm(one.Name))
	photos, err := h.Places.PhotosOf(r.Context(), by, n)
	if err != nil {
		return err
	}
	status := http.StatusOK
	v := photosForm{Name: calm(one.Name), Action: managedPath(n) + photosEnd, Full: len(photos) >= place.MaxPhotos}
	v.File = ui.Field{Name: "photo", Label: "La photo", Type: "file", Accept: "image/jpeg,image/png", Hint: "JPEG ou PNG, 8 Mo au plus. Elle devient petite et légère. Le lieu et l'appareil qu'elle cache sont effacés."}
	v.Alt = ui.Field{Name: "alt", Label: "Ce que l'on y voit", Value: alt, MaxLength: place.MaxPhotoAlt, Hint: "Pour les personnes qui ne la voient pas. Exemple : une grande table, six ordinateurs."}
	if problem != nil {
		refused, ok := p.Refuse(problem)
		if !ok {
			return problem
		}
		status = refused.Status
		v.Errors = refused.Summary
		v.File.Error, v.Alt.Error = refused.Of("photo"), refused.Of("alt")
	}
	v.Page, v.Back = p, p.Back(managedPath(n))
	for i, one := range photos {
		s := shown(one)
		s.First = i == 0
		v.Photos = append(v.Photos, s)
	}
	return h.Kit.Render(w, r, status, "team_photos", v)
}

func (h *Handlers) changePhotos(w http.ResponseWriter, r *http.Request, by identity.Actor) error {
	n, err := managedNumber(r)
	if err != nil {
		return err
	}
	if err := r.ParseMultipartForm(1 << 20); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return h.renderPhotos(w, r, by, "", photoFault("place.photo_large"))
		}
		return h.renderPhotos(w, r, by, "", photoFault("place.photo_broken"))
	}
	defer func() {
		if r.MultipartForm != nil {
			_ = r.MultipartForm.RemoveAll() // temporary files of ours
		}
	}()
	photo := r.PostFormValue("photo_id")
	switch r.PostFormValue("action") {
	case "retirer":
		err = h.Places.RemovePhoto(r.Context(), by, n, photo)
	case "monter":
		err = h.Places.RaisePhoto(r.Context(), by, n, photo)
	default:
		err = h.addPhoto(r, by, n)
	}
	if err != nil {
		return h.renderPhotos(w, r, by, r.PostFormValue("alt"), err)
	}
	http.Redirect(w, r, managedPath(n)+photosEnd, http.StatusSeeOther)
	return nil
}

// reading bounds how many pictures are read at once: each may take a hundred megabytes for a moment.
var reading = make(chan struct{}, 2)

func (h *Handlers) addPhoto(r *http.Request, by identity.Actor, n place.Number) error {
	if _, err := h.Places.Managed(r.Context(), by, n); err != nil { // before anything is read for somebody who may not
		return err
	}
	sent, _, err := r.FormFile("photo")
	if err != nil {
		return photoFault("place.photo_none")
	}
	defer sent.Close()
	file, err := io.ReadAll(io.LimitReader(sent, picture.MaxSource+1))
	switch {
	case err != nil:
		return photoFault("place.photo_broken")
	case len(file) > picture.MaxSource:
		return photoFault("place.photo_large")
	}
	reading <- struct{}{}
	made, err := picture.Read(file)
	<-reading
	switch {
	case errors.Is(err, picture.ErrFormat):
		return photoFault("place.photo_format")
	case errors.Is(err, picture.ErrTooWide):
		return photoFault("place.photo_wide")
	case err != nil:
		return photoFault("place.photo_broken")
	}
	return h.Places.AddPhoto(r.Context(), by, n, made, r.PostFormValue("alt"))
}

func photoFault(key string) error {
	return fault.New(fault.Invalid, "place.photo_invalid").With("photo", key)
}
