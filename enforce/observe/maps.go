package observe

import (
	"bufio"
	"io"
	"path"
	"strconv"
	"strings"
)

// place finds an address in a process's maps. A file's mappings follow each
// other, the lowest address first, which is where the file was loaded.
func place(maps io.Reader, address uint64) (file string, offset uint64) {
	var name string
	var base uint64
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		begin, end, path, ok := mapping(lines.Text())
		if !ok {
			continue
		}
		if path != name {
			name, base = path, begin
		}
		if begin <= address && address < end {
			return lastPart(name), address - base
		}
	}
	return "", 0
}

// mapping reads one line: "begin-end rwxp offset device inode   path".
func mapping(line string) (begin, end uint64, path string, ok bool) {
	span, rest, _ := strings.Cut(line, " ")
	first, last, ok := strings.Cut(span, "-")
	if !ok {
		return 0, 0, "", false
	}
	begin, err := strconv.ParseUint(first, 16, 64)
	if err != nil {
		return 0, 0, "", false
	}
	if end, err = strconv.ParseUint(last, 16, 64); err != nil {
		return 0, 0, "", false
	}
	for range 4 {
		_, rest, _ = strings.Cut(rest, " ")
	}
	return begin, end, strings.TrimLeft(rest, " "), true
}

// lastPart gives the name of a file, or what the kernel calls a mapping
// ("[vdso]"); "" for memory without either.
func lastPart(name string) string {
	if name == "" || name[0] == '[' {
		return name
	}
	return path.Base(strings.TrimSuffix(name, " (deleted)"))
}
