package picture

import (
	"bytes"
	"encoding/binary"
)

// orientation reads from a JPEG how its camera was held: 1 to 8, 1 where nothing says so. It reads nothing else.
func orientation(file []byte) int {
	rest := file
	if len(rest) < 4 || rest[0] != 0xff || rest[1] != 0xd8 {
		return 1
	}
	for rest = rest[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		kind, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if kind == 0xda || size < 2 || len(rest) < 2+size { // the picture begins
			return 1
		}
		if body := rest[4 : 2+size]; kind == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tagged(body[6:])
		}
		rest = rest[2+size:]
	}
	return 1
}

// tagged finds the orientation in the first directory of a TIFF header.
func tagged(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := int64(order.Uint16(tiff[at:]))
	for i := range entries {
		from := at + 2 + 12*i
		if from+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[from:]) == 0x0112 {
			if turn := int(order.Uint16(tiff[from+8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 1
		}
	}
	return 1
}
