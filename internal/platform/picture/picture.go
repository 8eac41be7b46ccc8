// Package picture makes of a photo that somebody sends the small JPEG that a page can show: upright, at most MaxBytes, and
// nothing in it but the picture. What a camera writes beside it (where, when, with what) is gone, since the pixels alone are
// written again; so is whatever else a file may hide.
//
// # What it refuses
//
// Anything but JPEG and PNG, by its content; a picture that says it has more than MaxPixels, before any of them is read: a
// file of a few bytes can claim to be as wide as a town (decompression bomb); a file that is cut.
//
// # What it does not do
//
// It judges no content, and keeps no original.
package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	_ "image/png" // read, never written
)

// The bounds of a picture.
const (
	MaxBytes  = 30_000     // of what is made
	MaxSource = 8 << 20    // bytes of what is sent
	MaxPixels = 30_000_000 // of what is sent: some 120 MB while it is read
	MaxSide   = 12_000
	widest    = 800 // pixels of what is made
)

// The refusals.
var (
	ErrFormat  = errors.New("neither a JPEG nor a PNG")
	ErrTooWide = errors.New("too many pixels")
	ErrBroken  = errors.New("cut or damaged")
)

// Picture is a JPEG ready to be shown.
type Picture struct {
	Body          []byte
	Width, Height int
}

// Read makes a picture of a file. It reports ErrFormat, ErrTooWide and ErrBroken.
func Read(file []byte) (Picture, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	switch {
	case errors.Is(err, image.ErrFormat):
		return Picture{}, ErrFormat
	case err != nil:
		return Picture{}, ErrBroken
	case config.Width <= 0 || config.Height <= 0:
		return Picture{}, ErrBroken
	case config.Width > MaxSide || config.Height > MaxSide || config.Width*config.Height > MaxPixels:
		return Picture{}, ErrTooWide
	}
	source, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrBroken
	}
	return small(source, orientation(file))
}

// small looks for the best picture within MaxBytes: first a lower quality, then fewer pixels.
func small(source image.Image, turn int) (Picture, error) {
	for width := widest; width >= 120; width = width * 4 / 5 {
		upright := turned(shrunk(source, turn, width), turn)
		for quality := 82; quality >= 46; quality -= 9 {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, upright, &jpeg.Options{Quality: quality}); err != nil {
				return Picture{}, err
			}
			if b.Len() <= MaxBytes {
				return Picture{Body: b.Bytes(), Width: upright.Bounds().Dx(), Height: upright.Bounds().Dy()}, nil
			}
		}
	}
	return Picture{}, ErrBroken // no real picture of 120 pixels weighs so much
}

// sideways reports whether an orientation exchanges width and height.
func sideways(turn int) bool { return turn >= 5 }

// shrunk makes a picture at most wide once it is upright, each pixel the mean of those it stands for, on white.
func shrunk(source image.Image, turn, wide int) *image.RGBA {
	b := source.Bounds()
	across, down := b.Dx(), b.Dy()
	if sideways(turn) {
		across, down = down, across
	}
	width := min(wide, across)
	height := max(1, down*width/across)
	if height > 2*widest { // a very tall picture is bounded too
		height = 2 * widest
		width = max(1, across*height/down)
	}
	if sideways(turn) {
		width, height = height, width
	}
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		top, bottom := b.Min.Y+y*b.Dy()/height, b.Min.Y+max((y+1)*b.Dy()/height, y*b.Dy()/height+1)
		for x := range width {
			left, right := b.Min.X+x*b.Dx()/width, b.Min.X+max((x+1)*b.Dx()/width, x*b.Dx()/width+1)
			out.SetRGBA(x, y, mean(source, left, top, right, bottom))
		}
	}
	return out
}

// mostSampled bounds how many pixels are looked at along one side of a block: beyond, more of them change nothing.
const mostSampled = 6

func mean(source image.Image, left, top, right, bottom int) color.RGBA {
	stepX, stepY := max(1, (right-left)/mostSampled), max(1, (bottom-top)/mostSampled)
	var r, g, b, n uint64
	for y := top; y < bottom; y += stepY {
		for x := left; x < right; x += stepX {
			cr, cg, cb, ca := source.At(x, y).RGBA()
			white := 0xffff - uint64(ca) // colours come multiplied by their opacity
			r, g, b, n = r+uint64(cr)+white, g+uint64(cg)+white, b+uint64(cb)+white, n+1
		}
	}
	return color.RGBA{R: uint8(r / n >> 8), G: uint8(g / n >> 8), B: uint8(b / n >> 8), A: 0xff}
}

// turned puts a picture upright: the eight orientations of EXIF (tag 274).
func turned(in *image.RGBA, turn int) *image.RGBA {
	if turn < 2 || turn > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if sideways(turn) {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch turn {
			case 2:
				tx = w - 1 - x
			case 3:
				tx, ty = w-1-x, h-1-y
			case 4:
				ty = h - 1 - y
			case 5:
				tx, ty = y, x
			case 6:
				tx, ty = h-1-y, x
			case 7:
				tx, ty = h-1-y, w-1-x
			case 8:
				tx, ty = y, w-1-x
			}
			out.SetRGBA(tx, ty, in.RGBAAt(x, y))
		}
	}
	return out
}
