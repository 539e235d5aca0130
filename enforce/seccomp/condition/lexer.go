package condition

import (
	"fmt"
	"strings"
)

// token is a piece of the text: a symbol stands for itself, a word is a name
// or a number, "" is the end.
type token struct {
	text string
	at   int // byte offset
}

// symbols, the longer ones first.
var symbols = []string{"==", "!=", "<=", ">=", "&&", "||", "<", ">", "&", "|", "!", "~", "-", "(", ")", "[", "]", ","}

// MaxLength bounds a condition's text, in bytes.
const MaxLength = 4096

func lex(text string) ([]token, error) {
	if len(text) > MaxLength {
		return nil, fmt.Errorf("the condition is longer than %d bytes", MaxLength)
	}
	var out []token
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case isWord(c):
			start := i
			for i < len(text) && isWord(text[i]) {
				i++
			}
			out = append(out, token{text[start:i], start})
		default:
			s := symbolAt(text[i:])
			if s == "" {
				return nil, fmt.Errorf("%q at column %d is no part of a condition", text[i:i+1], i+1)
			}
			out = append(out, token{s, i})
			i += len(s)
		}
	}
	return append(out, token{"", len(text)}), nil
}

func symbolAt(text string) string {
	for _, s := range symbols {
		if strings.HasPrefix(text, s) {
			return s
		}
	}
	return ""
}

func isWord(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
