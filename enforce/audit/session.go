package audit

import (
	"encoding/hex"

	"golang.org/x/sys/unix"
)

// NewSession gives a name for one start that no other one has: 64 random bits.
func NewSession() string {
	var b [8]byte
	for {
		if n, err := unix.Getrandom(b[:], 0); err == nil && n == len(b) {
			return hex.EncodeToString(b[:])
		}
	}
}
