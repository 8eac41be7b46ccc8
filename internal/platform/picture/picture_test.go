package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"viaduc/internal/platform/picture"
)

// noisy is a picture that hardly compresses; its top left quarter is red.
func noisy(w, h int) *image.RGBA {
	random := rand.New(rand.NewPCG(1, 2))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{uint8(random.Uint32()), uint8(random.Uint32()), uint8(random.Uint32()), 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{220, 10, 10, 255}
			}
			out.SetRGBA(x, y, c)
		}
	}
	return out
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withEXIF puts an orientation and a place on earth into a JPEG, as cameras do.
func withEXIF(file []byte, turn uint16) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x02")
	tiff = binary.BigEndian.AppendUint16(tiff, 0x0112)
	tiff = append(tiff, 0, 3, 0, 0, 0, 1)
	tiff = binary.BigEndian.AppendUint16(tiff, turn)
	tiff = append(tiff, 0, 0)
	tiff = append(tiff, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38) // where the GPS directory is
	tiff = append(tiff, []byte("\x00\x00\x00\x00GPS 45.9421 -0.9646 APPAREIL-SECRET")...)
	body := append([]byte("Exif\x00\x00"), tiff...)
	segment := append([]byte{0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(body)+2))...)
	out := append([]byte{}, file[:2]...)
	out = append(append(out, segment...), body...)
	return append(out, file[2:]...)
}

func reddest(t *testing.T, body []byte) (x, y int) {
	t.Helper()
	m, err := jpeg.Decode(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	for _, corner := range [][2]int{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		r, g, b, _ := m.At((1+2*corner[0])*w/4, (1+2*corner[1])*h/4).RGBA()
		if r > 2*g && r > 2*b {
			return corner[0], corner[1]
		}
	}
	return -1, -1
}

// Whatever is sent, what comes out is a JPEG within the bound, upright, with nothing of the camera in it.
func TestPictures(t *testing.T) {
	corners := map[int][2]int{1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}}
	base := jpegOf(t, noisy(900, 600))
	for turn, want := range corners {
		p, err := picture.Read(withEXIF(base, uint16(turn)))
		if err != nil {
			t.Fatal(turn, err)
		}
		if len(p.Body) > picture.MaxBytes || p.Body[0] != 0xff || p.Body[1] != 0xd8 {
			t.Errorf("orientation %d: %d bytes", turn, len(p.Body))
		}
		if bytes.Contains(p.Body, []byte("Exif")) || bytes.Contains(p.Body, []byte("GPS")) || bytes.Contains(p.Body, []byte{0xff, 0xe1}) && bytes.Contains(p.Body, []byte("SECRET")) {
			t.Errorf("orientation %d: the camera is still in the file", turn)
		}
		if tall := p.Height > p.Width; tall != (turn >= 5) {
			t.Errorf("orientation %d: %d by %d", turn, p.Width, p.Height)
		}
		if x, y := reddest(t, p.Body); [2]int{x, y} != want {
			t.Errorf("orientation %d: the red corner is at %d, %d, want %v", turn, x, y, want)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(p.Body)); err != nil || c.Width != p.Width || c.Height != p.Height {
			t.Errorf("orientation %d says %d by %d, is %+v", turn, p.Width, p.Height, c)
		}
	}
	for name, file := range map[string][]byte{
		"a small PNG": pngOf(t, noisy(40, 30)), "a large PNG": pngOf(t, noisy(1500, 1000)), "a tall one": jpegOf(t, noisy(50, 4000)), "a wide one": jpegOf(t, noisy(4000, 50)),
		"one pixel": pngOf(t, noisy(1, 1)), "clear": pngOf(t, image.NewNRGBA(image.Rect(0, 0, 10, 10))), "a page behind it": append(jpegOf(t, noisy(64, 64)), []byte("<script>planted(1)</script>")...),
	} {
		p, err := picture.Read(file)
		if err != nil || len(p.Body) > picture.MaxBytes || p.Width > 800 || p.Height > 1600 {
			t.Errorf("%s: %d bytes, %d by %d, %v", name, len(p.Body), p.Width, p.Height, err)
		}
		if bytes.Contains(p.Body, []byte("<script>")) {
			t.Errorf("%s: what was behind the picture is still there", name)
		}
	}
	clear, _ := picture.Read(pngOf(t, image.NewNRGBA(image.Rect(0, 0, 10, 10))))
	if m, err := jpeg.Decode(bytes.NewReader(clear.Body)); err != nil || func() bool { r, _, _, _ := m.At(5, 5).RGBA(); return r < 0xf000 }() {
		t.Error("what is clear is not white")
	}
}

// bomb is a PNG of some bytes that says it is so wide.
func bomb(w, h uint32) []byte {
	head := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)...)
	head = append(head, 8, 6, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), binary.BigEndian.AppendUint32(nil, 13)...)
	out = append(out, head...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
	return append(out, []byte("\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e")...)
}

// Bombs and broken files are refused, quickly and without the memory that they claim.
func TestBombs(t *testing.T) {
	whole := jpegOf(t, noisy(800, 600))
	cases := map[string]struct {
		file []byte
		want error
	}{
		"nothing": {nil, picture.ErrFormat}, "a text": {[]byte("bonjour"), picture.ErrFormat}, "SVG": {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="planted(1)"/>`), picture.ErrFormat},
		"HTML": {[]byte("<!doctype html><script>planted(1)</script>"), picture.ErrFormat}, "GIF": {[]byte("GIF89a\xff\xff\xff\xff"), picture.ErrFormat},
		"a bomb of 50,000 by 50,000": {bomb(50_000, 50_000), picture.ErrTooWide}, "a bomb of a line": {bomb(2_000_000_000, 1), picture.ErrTooWide}, "a bomb within the sides": {bomb(11_999, 11_999), picture.ErrTooWide},
		"no pixel": {bomb(0, 10), picture.ErrBroken}, "half a JPEG": {whole[:len(whole)/2], picture.ErrBroken}, "the head of a JPEG": {whole[:4], picture.ErrBroken}, "a PNG without pixels": {bomb(100, 100), picture.ErrBroken},
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	for name, c := range cases {
		if _, err := picture.Read(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 64 {
		t.Errorf("%d MB to refuse them", used)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("%s to refuse them", took)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(withEXIF(jpegOf(f, noisy(20, 10)), 6))
	f.Add(pngOf(f, noisy(5, 5)))
	f.Add(bomb(50_000, 50_000))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := picture.Read(file)
		if err == nil && (len(p.Body) == 0 || len(p.Body) > picture.MaxBytes) {
			t.Errorf("%d bytes", len(p.Body))
		}
	})
}
