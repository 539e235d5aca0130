package supervise

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// field gives the value on the line of text that begins with name.
func field(text, name string) string {
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		if value, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(value)
		}
		text = rest
	}
	return ""
}

// mountDevice finds a mount by its id in the text of mountinfo, whose lines
// begin with id, parent and MAJOR:MINOR; 0 where it isn't there.
func mountDevice(text, id string) uint64 {
	for text != "" {
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		words := strings.SplitN(line, " ", 4)
		if len(words) < 4 || words[0] != id {
			continue
		}
		first, second, _ := strings.Cut(words[2], ":")
		major, errMajor := strconv.ParseUint(first, 10, 32)
		minor, errMinor := strconv.ParseUint(second, 10, 32)
		if errMajor != nil || errMinor != nil {
			return 0
		}
		return unix.Mkdev(uint32(major), uint32(minor))
	}
	return 0
}

// readAll gives a file's text, "" where it can't be read.
func readAll(path string) string {
	text, _ := os.ReadFile(path)
	return string(text)
}
