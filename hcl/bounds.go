package hcl

import (
	"fmt"
	"unicode/utf8"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of the input. The parser and the evaluator are recursive, so nesting
// is bounded before they see the text: a Go program cannot recover from a
// stack that has grown too large.
const (
	maxFileSize    = 512 << 10 // bytes
	maxTotalSize   = 32 << 20  // bytes of all files of one directory
	maxFiles       = 10_000    // files of one directory
	maxDepth       = 100       // brackets, quotes, templates and directives, together
	maxOperators   = 500       // operators and indexes in one expression
	maxDigits      = 100       // digits of one number
	maxEntries     = 5000      // entries of one list or kind of block, with those of all parents
	maxDiagnostics = 200       // of one run; what is left out is counted
)

// checkNative bounds the nesting of native syntax. Few files have as many
// brackets as the bound allows depth, so most are cleared without a lexer.
func checkNative(src []byte, filename string) hashi.Diagnostics {
	if withinBounds(src) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src, filename, hashi.InitialPos)
	return checkTokens(tokens)
}

// checkTemplate is checkNative for a string of the JSON form.
func checkTemplate(src []byte, filename string, start hashi.Pos) hashi.Diagnostics {
	if withinBounds(src) {
		return nil
	}
	tokens, _ := hclsyntax.LexTemplate(src, filename, start)
	return checkTokens(tokens)
}

// withinBounds reports whether the text is so simple that no bound can be
// exceeded, whatever its structure.
func withinBounds(src []byte) bool {
	opens, operators, digits := 0, 0, 0
	for _, c := range src {
		switch c {
		case '(', '[', '{':
			opens++
			operators++
		case '!', '-', '+', '*', '/', '%', '?', '&', '|', '<', '>', '=':
			operators++
		}
		if c >= '0' && c <= '9' || c == '.' {
			digits++
		} else {
			digits = 0
		}
		// Each pair of brackets can hold one quoted template.
		if opens > maxDepth/2 || operators > maxOperators || digits > maxDigits {
			return false
		}
	}
	return true
}

// nesting follows the structure of a token stream.
type nesting struct {
	levels     []level
	directives int // open %{if} and %{for}
}

// level is one open bracket, with the operators seen in its current item.
type level struct {
	operators int
	lines     bool // whether a line's end ends an item here
}

func checkTokens(tokens hclsyntax.Tokens) hashi.Diagnostics {
	n := nesting{levels: []level{{lines: true}}}
	for i, t := range tokens {
		n.follow(t, tokens[i+1:])
		switch {
		case len(n.levels)+n.directives > maxDepth+1:
			return tooMuch(t.Range, "nested too deeply",
				fmt.Sprintf("brackets, quotes and templates may be nested %d levels deep; name the inner parts in a locals block", maxDepth))
		case n.levels[len(n.levels)-1].operators > maxOperators:
			return tooMuch(t.Range, "expression too long",
				fmt.Sprintf("one expression may have %d operators; name its parts in a locals block", maxOperators))
		case t.Type == hclsyntax.TokenNumberLit && len(t.Bytes) > maxDigits:
			return tooMuch(t.Range, "number too long", fmt.Sprintf("a number may have %d digits", maxDigits))
		}
	}
	return nil
}

func (n *nesting) follow(t hclsyntax.Token, rest hclsyntax.Tokens) {
	top := &n.levels[len(n.levels)-1]
	switch t.Type {
	case hclsyntax.TokenOBrace:
		n.levels = append(n.levels, level{lines: true})
	case hclsyntax.TokenOBrack:
		top.operators++
		n.levels = append(n.levels, level{})
	case hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
		n.levels = append(n.levels, level{})
	case hclsyntax.TokenTemplateControl:
		n.levels = append(n.levels, level{})
		n.directive(rest)
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		if len(n.levels) > 1 {
			n.levels = n.levels[:len(n.levels)-1]
		}
	case hclsyntax.TokenNewline:
		if top.lines {
			top.operators = 0
		}
	case hclsyntax.TokenComma:
		top.operators = 0
	case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit,
		hclsyntax.TokenDot, hclsyntax.TokenComment, hclsyntax.TokenEOF:
	default:
		top.operators++
	}
}

// directive counts %{if} and %{for}, which nest without a bracket.
func (n *nesting) directive(rest hclsyntax.Tokens) {
	if len(rest) == 0 {
		return
	}
	switch string(rest[0].Bytes) {
	case "if", "for":
		n.directives++
	case "endif", "endfor":
		n.directives--
	}
}

// checkJSON bounds the nesting of the JSON form; the templates in its strings
// are bounded when they are parsed.
func checkJSON(src []byte, filename string) hashi.Diagnostics {
	depth, digits, quoted := 0, 0, false
	pos := hashi.InitialPos
	for i := 0; i < len(src); i++ {
		c := src[i]
		if quoted {
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
			continue
		}
		digits++
		switch {
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c >= '0' && c <= '9' || c == '.':
			if digits <= maxDigits && depth <= maxDepth {
				continue
			}
		}
		if c < '0' || c > '9' {
			digits = 0
		}
		if depth > maxDepth || digits > maxDigits {
			pos.Byte = i
			pos.Line, pos.Column = lineColumn(src, i)
			at := hashi.Range{Filename: filename, Start: pos, End: pos}
			if depth > maxDepth {
				return tooMuch(at, "nested too deeply", fmt.Sprintf("arrays and objects may be nested %d levels deep", maxDepth))
			}
			return tooMuch(at, "number too long", fmt.Sprintf("a number may have %d digits", maxDigits))
		}
	}
	return nil
}

// lineColumn gives the place of a byte, both from 1, columns in characters.
func lineColumn(src []byte, at int) (line, column int) {
	line, column = 1, 1
	for _, c := range src[:min(at, len(src))] {
		switch {
		case c == '\n':
			line, column = line+1, 1
		case utf8.RuneStart(c):
			column++
		}
	}
	return line, column
}

func tooMuch(at hashi.Range, summary, detail string) hashi.Diagnostics {
	return hashi.Diagnostics{problem(at, summary, detail)}
}

// tooLong reports lists that have more entries than anybody needs: comparing
// each entry with each of another list would take long.
func (s *settings) tooLong(of *profile) hashi.Diagnostics {
	var diags hashi.Diagnostics
	look := func(name string, entries int) {
		if entries > maxEntries {
			diags = append(diags, tooMuch(of.block.DefRange, "too many entries",
				fmt.Sprintf("%s has %d entries; up to %d are taken, grant a directory instead of what lies in it", name, entries, maxEntries))...)
		}
	}
	for _, name := range sortedKeys(s.lists) {
		look(name, len(s.lists[name]))
	}
	for _, name := range sortedKeys(s.blocks) {
		look(name, len(s.blocks[name]))
	}
	return diags
}
