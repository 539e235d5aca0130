package landlock

import "encoding/binary"

// Attr gives struct landlock_ruleset_attr: three 64-bit words. Older kernels
// take the longer structure as long as what they don't know is zero.
func (h Handled) Attr() []byte {
	b := make([]byte, 24)
	binary.NativeEndian.PutUint64(b[0:], uint64(h.FS))
	binary.NativeEndian.PutUint64(b[8:], h.Net)
	binary.NativeEndian.PutUint64(b[16:], h.Scoped)
	return b
}

// String says what is handled.
func (h Handled) String() string {
	s := "files"
	if h.Net != 0 {
		s += ", network"
	}
	if h.Scoped != 0 {
		s += ", signals and abstract sockets"
	}
	return "ruleset over " + s
}
