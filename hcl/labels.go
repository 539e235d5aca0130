package hcl

import (
	"bytes"
	"slices"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// HCL's parser refuses templates in the labels of blocks, but here they are
// paths and hosts: bind "${home}/.cache" { … }. So before it parses, such a
// label is replaced by as many filler bytes, which keeps every position, and
// its text is kept aside to be evaluated when the block is decoded.

const labelFiller = 'x'

// maybeLabel finds text that could be a label with a template, cheaply.
var maybeLabel = lazily(`[A-Za-z0-9_-][ \t]*"(?:[^"\\\n]|\\.)*[$%]\{`)

// hideLabels gives the text with templates in labels replaced, and the quoted
// labels by the offset of their first quote.
func hideLabels(src []byte, name string) ([]byte, map[int]string) {
	if !maybeLabel().Match(src) {
		return src, nil
	}
	tokens, _ := hclsyntax.LexConfig(src, name, hashi.InitialPos)
	labels := make(map[int]string)
	text := src
	for i := 1; i < len(tokens); i++ {
		if tokens[i].Type != hclsyntax.TokenOQuote || tokens[i-1].Type != hclsyntax.TokenIdent {
			continue
		}
		end := closingQuote(tokens, i)
		if end < 0 || end+1 >= len(tokens) || tokens[end+1].Type != hclsyntax.TokenOBrace {
			continue
		}
		from, to := tokens[i].Range.Start.Byte, tokens[end].Range.End.Byte
		if !isTemplate(tokens[i:end]) || bytes.ContainsRune(src[from:to], '\n') {
			continue
		}
		if len(labels) == 0 {
			text = slices.Clone(src)
		}
		labels[from] = string(src[from:to])
		for at := from + 1; at < to-1; at++ {
			text[at] = labelFiller
		}
		i = end
	}
	return text, labels
}

// closingQuote gives the index of the quote that closes the one at open, or -1.
func closingQuote(tokens hclsyntax.Tokens, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch tokens[i].Type {
		case hclsyntax.TokenOQuote:
			depth++
		case hclsyntax.TokenCQuote:
			if depth--; depth == 0 {
				return i
			}
		case hclsyntax.TokenEOF:
			return -1
		}
	}
	return -1
}

func isTemplate(tokens hclsyntax.Tokens) bool {
	return slices.ContainsFunc(tokens, func(t hclsyntax.Token) bool {
		return t.Type == hclsyntax.TokenTemplateInterp || t.Type == hclsyntax.TokenTemplateControl
	})
}

// labelExpression gives a block's label as an expression.
func (f *file) labelExpression(label string, at hashi.Range) (hclsyntax.Expression, hashi.Diagnostics) {
	if f.json {
		return parseTemplate(label, at)
	}
	if quoted, ok := f.labels[at.Start.Byte]; ok {
		return hclsyntax.ParseExpression([]byte(quoted), at.Filename, at.Start)
	}
	return literal(label, at), nil
}

// labelUses reports whether any label of the file refers to the command or to
// locals. A label that cannot be parsed is reported when it is decoded.
func (f *file) labelUses() (command, locals bool) {
	if !f.labelled {
		f.labelled = true
		for at, quoted := range f.labels {
			e, _ := hclsyntax.ParseExpression([]byte(quoted), f.name, hashi.Pos{Line: 1, Column: 1, Byte: at})
			for _, t := range e.Variables() {
				f.labelsUseCommand = f.labelsUseCommand || t.RootName() == "command"
				f.labelsUseLocals = f.labelsUseLocals || t.RootName() == "local"
			}
		}
	}
	return f.labelsUseCommand, f.labelsUseLocals
}
