package pdf

import "encoding/binary"

// charactersOf reads from a TrueType font which characters of the basic plane it draws. The fonts are embedded and tested:
// one that cannot be read draws nothing.
func charactersOf(font []byte) map[rune]bool {
	out := map[rune]bool{}
	table := tableOf(font, "cmap")
	if len(table) < 4 {
		return out
	}
	for i := range int(binary.BigEndian.Uint16(table[2:])) {
		record := table[4+8*i:]
		sub := table[binary.BigEndian.Uint32(record[4:]):]
		if binary.BigEndian.Uint16(sub) != 4 {
			continue
		}
		segments := int(binary.BigEndian.Uint16(sub[6:])) / 2
		at := func(part, segment int) uint16 { return binary.BigEndian.Uint16(sub[14+part+2*segment:]) }
		for s := range segments {
			end, start := at(0, s), at(2*segments+2, s)
			for c := int(start); c <= int(end) && c < 0xffff; c++ {
				out[rune(c)] = true
			}
		}
	}
	return out
}

// tableOf finds a table of a TrueType font.
func tableOf(font []byte, name string) []byte {
	if len(font) < 12 {
		return nil
	}
	for i := range int(binary.BigEndian.Uint16(font[4:])) {
		record := font[12+16*i:]
		if string(record[:4]) == name {
			return font[binary.BigEndian.Uint32(record[8:]):]
		}
	}
	return nil
}
