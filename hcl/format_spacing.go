package hcl

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// join writes the words of a row with the spaces that belong between them. Where
// other words would come of that ("3. 7"), the row stays as it is written.
func (r row) join() string {
	laidOut := r.spaced()
	if sameTokens([]byte(laidOut+"\n"), []byte(r.source+"\n"), "") {
		return laidOut
	}
	return r.source
}

func (r row) spaced() string {
	var out strings.Builder
	for i, w := range r.words {
		if i > 0 && r.spaceBefore(i) {
			out.WriteByte(' ')
		}
		out.WriteString(w.text)
	}
	return out.String()
}

var (
	tightAfter = []hclsyntax.TokenType{
		hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenDot, hclsyntax.TokenBang, hclsyntax.TokenDoubleColon,
	}
	tightBefore = []hclsyntax.TokenType{
		hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenComma, hclsyntax.TokenDot, hclsyntax.TokenEllipsis,
		hclsyntax.TokenDoubleColon,
	}
	// operands are what a value can end with.
	operands = []hclsyntax.TokenType{
		hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenCParen, hclsyntax.TokenCBrack,
		hclsyntax.TokenCBrace, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenStar,
	}
)

// spaceBefore reports whether a space stands before the i-th word.
func (r row) spaceBefore(i int) bool {
	before, w := r.words[i-1], r.words[i]
	switch {
	case before.kind == hclsyntax.TokenComment || w.kind == hclsyntax.TokenComment:
		return true
	case before.kind == hclsyntax.TokenOBrace && w.kind == hclsyntax.TokenCBrace:
		return false
	case slices.Contains(tightAfter, before.kind) || slices.Contains(tightBefore, w.kind):
		return false
	case before.kind == hclsyntax.TokenMinus && r.isUnary(i-1):
		return false
	case w.kind == hclsyntax.TokenOParen:
		return before.kind != hclsyntax.TokenIdent || isKeyword(before)
	case w.kind == hclsyntax.TokenOBrack:
		return !slices.Contains(operands, before.kind) || isKeyword(before)
	case w.kind == hclsyntax.TokenStar && r.inSplat(i):
		return false
	}
	return true
}

// isUnary reports whether a minus sign has no left operand.
func (r row) isUnary(i int) bool {
	return i == 0 || !slices.Contains(operands, r.words[i-1].kind) || isKeyword(r.words[i-1])
}

// inSplat reports whether a star stands in [*] or after a dot.
func (r row) inSplat(i int) bool {
	return r.words[i-1].kind == hclsyntax.TokenOBrack || r.words[i-1].kind == hclsyntax.TokenDot
}

// isKeyword reports whether an identifier is a word of for-expressions, after
// which a bracket begins a value.
func isKeyword(w word) bool {
	return w.kind == hclsyntax.TokenIdent && (w.text == "in" || w.text == "if")
}
