package hcl

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The layout works on tokens, as the canonical style of HCL asks for: two
// spaces for each level, one space around operators, equals signs and trailing
// comments of neighbouring lines under each other. Quoted strings, heredocs
// and block comments are kept byte by byte.

// word is a token that layout doesn't look into.
type word struct {
	kind hclsyntax.TokenType
	text string
}

// row is one line of the text.
type row struct {
	words   []word
	comment string // a trailing comment, or the only thing in the row
	source  string // the words as they were written
	indent  int
	open    bool // more brackets are opened than closed, or the reverse
}

func layOut(src []byte, filename string) []byte {
	rows := splitRows(src, filename)
	indentRows(rows)
	var out bytes.Buffer
	blank := true
	for i := 0; i < len(rows); {
		if rows[i].empty() {
			if !blank {
				out.WriteByte('\n')
			}
			blank = true
			i++
			continue
		}
		blank = false
		end := i + 1
		for end < len(rows) && !rows[end].empty() {
			end++
		}
		writeRows(&out, rows[i:end])
		i = end
	}
	return out.Bytes()
}

func (r row) empty() bool { return len(r.words) == 0 && r.comment == "" }

// splitRows reads the text into rows of words.
func splitRows(src []byte, filename string) []row {
	tokens, _ := hclsyntax.LexConfig(src, filename, hashi.InitialPos)
	var rows []row
	current := row{}
	from, to := -1, -1 // of the row's words
	finish := func() {
		if from >= 0 {
			current.source = string(src[from:to])
		}
		rows = append(rows, current)
		current, from = row{}, -1
	}
	add := func(kind hclsyntax.TokenType, first, last hclsyntax.Token) {
		if from < 0 {
			from = first.Range.Start.Byte
		}
		to = last.Range.End.Byte
		current.words = append(current.words, word{kind, string(src[first.Range.Start.Byte:to])})
	}
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch t.Type {
		case hclsyntax.TokenNewline:
			finish()
		case hclsyntax.TokenEOF:
			finish()
		case hclsyntax.TokenComment:
			text := string(bytes.TrimRight(t.Bytes, "\r\n \t"))
			if !strings.HasPrefix(text, "/*") {
				current.comment = text
				finish()
				continue
			}
			add(t.Type, t, t)
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			end := closing(tokens, i)
			add(t.Type, t, tokens[end])
			i = end
		default:
			add(t.Type, t, t)
		}
	}
	return rows
}

// closing gives the index of the token that closes a quote or heredoc.
func closing(tokens hclsyntax.Tokens, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch tokens[i].Type {
		case hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens) - 1
}

// indentRows gives each row its level. Several brackets that are opened in one
// row indent once.
func indentRows(rows []row) {
	var stack []bool // for each open bracket, whether it indents
	for i := range rows {
		opened, closed := 0, 0
		leading := true
		level := func() int { return count(stack) }
		rows[i].indent = level()
		for _, w := range rows[i].words {
			switch w.kind {
			case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen:
				stack = append(stack, opened == 0)
				opened++
			case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen:
				if len(stack) > 0 {
					stack = stack[:len(stack)-1]
				}
				if opened > 0 {
					opened--
				} else {
					closed++
				}
				if leading {
					rows[i].indent = level()
				}
				continue
			}
			leading = false
		}
		rows[i].open = opened != 0 || closed != 0
	}
}

func count(indents []bool) int {
	n := 0
	for _, indents := range indents {
		if indents {
			n++
		}
	}
	return n
}

// writeRows writes rows that no blank line separates.
func writeRows(out *bytes.Buffer, rows []row) {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = strings.Repeat("  ", r.indent) + r.join()
	}
	alignEquals(rows, lines)
	alignComments(rows, lines)
	for _, l := range lines {
		out.WriteString(strings.TrimRight(l, " \t"))
		out.WriteByte('\n')
	}
}

// isAttribute reports whether a row is `name = value`, all of it in the row.
func (r row) isAttribute() bool {
	return len(r.words) > 2 && r.words[1].kind == hclsyntax.TokenEqual && !r.open &&
		!slices.ContainsFunc(r.words, func(w word) bool { return strings.ContainsRune(w.text, '\n') })
}

// alignEquals puts the equals signs of neighbouring attributes under each
// other.
func alignEquals(rows []row, lines []string) {
	inRuns(len(rows), func(i int) bool { return rows[i].isAttribute() },
		func(a, b int) bool { return rows[a].indent == rows[b].indent },
		func(from, to int) {
			widest := 0
			for i := from; i < to; i++ {
				widest = max(widest, utf8.RuneCountInString(rows[i].words[0].text))
			}
			for i := from; i < to; i++ {
				name := rows[i].words[0].text
				head := strings.Repeat("  ", rows[i].indent) + name
				pad := strings.Repeat(" ", widest-utf8.RuneCountInString(name))
				lines[i] = head + pad + strings.TrimPrefix(lines[i], head)
			}
		})
}

// alignComments adds the trailing comments, those of neighbouring lines under
// each other.
func alignComments(rows []row, lines []string) {
	for i, r := range rows {
		if len(r.words) == 0 {
			lines[i] += r.comment
		}
	}
	inRuns(len(rows), func(i int) bool { return len(rows[i].words) > 0 && rows[i].comment != "" },
		func(int, int) bool { return true },
		func(from, to int) {
			widest := 0
			for i := from; i < to; i++ {
				widest = max(widest, lastWidth(lines[i]))
			}
			for i := from; i < to; i++ {
				lines[i] += strings.Repeat(" ", widest-lastWidth(lines[i])+1) + rows[i].comment
			}
		})
}

// lastWidth is the width of the last line of a row that holds several.
func lastWidth(line string) int {
	return utf8.RuneCountInString(line[strings.LastIndexByte(line, '\n')+1:])
}

// inRuns calls do for each longest run of rows that are in and go together.
func inRuns(n int, in func(int) bool, together func(a, b int) bool, do func(from, to int)) {
	for from := 0; from < n; from++ {
		if !in(from) {
			continue
		}
		to := from + 1
		for to < n && in(to) && together(to-1, to) {
			to++
		}
		do(from, to)
		from = to - 1
	}
}
