package audit

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"
)

// Random gives 64 random bits (getrandom(2)).
func Random() uint64 {
	var b [8]byte
	for {
		if n, err := unix.Getrandom(b[:], 0); err == nil && n == len(b) {
			return binary.NativeEndian.Uint64(b[:])
		}
	}
}

// NewSession gives a name for one start that no other one has.
func NewSession() string {
	text := strconv.FormatUint(Random(), 16)
	return "0000000000000000"[len(text):] + text
}
