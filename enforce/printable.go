package enforce

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// printable makes a message harmless for a terminal: names of files that an
// earlier run of the program made may be part of it. What is left is text, line
// ends and tabs; the rest is written as Go writes it in quotes.
func printable(text string) string {
	var b strings.Builder
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[0]), 16))
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteString(text[:size])
		}
		text = text[size:]
	}
	return b.String()
}

// shellWord writes a text as one word of a POSIX shell (XCU, 2.2.2).
func shellWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
