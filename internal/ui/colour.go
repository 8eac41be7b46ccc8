package ui

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Colours of the style sheet that a territory's action colour must stand on. A test keeps them equal to style.css.
const (
	paperLight, stoneLight = "#ffffff", "#f7f4ee"
	paperDark, stoneDark   = "#14171a", "#24221e"
	// ContrastText is the least contrast of any text of a page with what lies behind it (WCAG 1.4.6, level AAA).
	ContrastText = 7.0
)

var errColour = errors.New("colour is not #rrggbb")

type rgb [3]float64

func parseColour(s string) (rgb, error) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, fmt.Errorf("%w: %q", errColour, s)
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, fmt.Errorf("%w: %q", errColour, s)
	}
	return rgb{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, nil
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02x%02x%02x", uint8(math.Round(c[0])), uint8(math.Round(c[1])), uint8(math.Round(c[2])))
}

// mix goes from c towards to, by share t of the way.
func (c rgb) mix(to rgb, t float64) rgb {
	for i := range c {
		c[i] += (to[i] - c[i]) * t
	}
	return c
}

// luminance is the relative luminance of WCAG 2.
func (c rgb) luminance() float64 {
	var l [3]float64
	for i, v := range c {
		v = math.Round(v) / 255
		if v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// Contrast returns the WCAG contrast of two "#rrggbb" colours, from 1 to 21. It reports an error for another notation.
func Contrast(a, b string) (float64, error) {
	x, err := parseColour(a)
	if err != nil {
		return 0, err
	}
	y, err := parseColour(b)
	if err != nil {
		return 0, err
	}
	return contrast(x, y), nil
}

// ActionColour checks a territory's action colour on paper and on stone. It returns the colour itself and true when it
// has a contrast of 7 on both, or the nearest darker one that has, and false. It reports an error for another notation.
func ActionColour(hex string) (proposal string, ok bool, err error) {
	c, err := parseColour(strings.ToLower(hex))
	if err != nil {
		return "", false, err
	}
	best := reach(c, rgb{}, stoneLight, paperLight)
	return best.String(), best.String() == c.String(), nil
}

// reach walks from c towards end until the contrast with every ground is enough for text.
func reach(c, end rgb, grounds ...string) rgb {
	for t := 0.0; t <= 1; t += 0.01 {
		m := c.mix(end, t)
		good := true
		for _, g := range grounds {
			ground, _ := parseColour(g)
			good = good && contrast(m, ground) >= ContrastText
		}
		if good {
			return m
		}
	}
	return end
}

// actionCSS is the end of the style sheet of a site that has its own action colour: the light pair, then a dark pair
// made from it. Someone who asked for high contrast keeps ours.
func actionCSS(hex string) (string, error) {
	good, _, err := ActionColour(hex)
	if err != nil {
		return "", err
	}
	c, _ := parseColour(good)
	strong := c.mix(rgb{}, 0.3)
	white := rgb{255, 255, 255}
	dark := reach(c.mix(white, 0.25), white, paperDark, stoneDark)
	return fmt.Sprintf(":root:not(.contraste){--action:%s;--action-fort:%s;--fleuve:%s}\n"+
		"@media (prefers-color-scheme:dark){:root:not(.contraste){--action:%s;--action-fort:%s;--fleuve:%s}}\n",
		c, strong, c, dark, dark.mix(white, 0.4), c.mix(rgb{}, 0.45)), nil
}
