package observe

import (
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	const maps = `55d0c0a00000-55d0c0a02000 r--p 00000000 fe:00 1234                       /usr/bin/nice
55d0c0a02000-55d0c0a06000 r-xp 00002000 fe:00 1234                       /usr/bin/nice
55d0c1000000-55d0c1021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000026000 r--p 00000000 fe:00 99                         /usr/lib/a b/libc.so.6 (deleted)
7f0000026000-7f0000180000 r-xp 00026000 fe:00 99                         /usr/lib/a b/libc.so.6 (deleted)
7f0000200000-7f0000201000 rwxp 00000000 00:00 0 
malformed
7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0                          [vdso]
`
	for _, c := range []struct {
		address uint64
		file    string
		offset  uint64
	}{
		{0x55d0c0a02010, "nice", 0x2010},
		{0x7f0000100000, "libc.so.6", 0x100000},
		{0x7f0000200010, "", 0x10},
		{0x7ffd00000004, "[vdso]", 4},
		{0x1000, "", 0},
		{0x55d0c0a06000, "", 0},
	} {
		if file, offset := place(strings.NewReader(maps), c.address); file != c.file || offset != c.offset {
			t.Errorf("%#x: %s+%#x, want %s+%#x", c.address, file, offset, c.file, c.offset)
		}
	}
}
