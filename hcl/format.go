package hcl

import (
	"bytes"
	"encoding/json"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Format lays a profile file out in the canonical way; comments and the order
// of everything are kept. Formatting its result changes nothing. Text with
// syntax errors is not formatted: the result is nil.
func Format(src []byte, filename string) ([]byte, Diagnostics) {
	f := parse(src, filename)
	found := collect(map[string][]byte{filename: src}, f.diags)
	if found.HasErrors() {
		return nil, found
	}
	if strings.HasSuffix(filename, ".json") {
		var out bytes.Buffer
		if err := json.Indent(&out, src, "", "  "); err != nil {
			at := hashi.Range{Filename: filename, Start: hashi.InitialPos, End: hashi.InitialPos}
			return nil, collect(found.Sources, hashi.Diagnostics{problem(at, "not JSON", err.Error())})
		}
		return endLine(out.Bytes()), found
	}
	text := endLine(layOut(src, filename))
	if !sameTokens(src, text, filename) {
		at := hashi.Range{Filename: filename, Start: hashi.InitialPos, End: hashi.InitialPos}
		return nil, collect(found.Sources, hashi.Diagnostics{problem(at, "cannot format this file",
			"laid out anew it would not be the same text any more; this is a fault of husk, the file is left as it is")})
	}
	return text, found
}

// sameTokens reports whether two texts differ in nothing but space.
func sameTokens(a, b []byte, filename string) bool {
	return bytes.Equal(joinedTokens(a, filename), joinedTokens(b, filename))
}

func joinedTokens(src []byte, filename string) []byte {
	tokens, _ := hclsyntax.LexConfig(src, filename, hashi.InitialPos)
	var out bytes.Buffer
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenNewline {
			out.WriteByte(byte(t.Type >> 8))
			out.WriteByte(byte(t.Type))
			text := t.Bytes
			if t.Type == hclsyntax.TokenComment || t.Type == hclsyntax.TokenCHeredoc {
				// Both hold the space after them, which layout takes away.
				text = bytes.TrimRight(text, " \t\r\n")
			}
			out.Write(text)
			out.WriteByte(0)
		}
	}
	return out.Bytes()
}

// endLine gives the text with exactly one line end at its end.
func endLine(src []byte) []byte {
	src = bytes.TrimRight(src, "\n")
	if len(src) == 0 {
		return nil
	}
	return append(bytes.Clone(src), '\n')
}
