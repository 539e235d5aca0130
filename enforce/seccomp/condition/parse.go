package condition

import (
	"fmt"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// maxDepth bounds the nesting of parentheses and negations.
const maxDepth = 50

// Parse reads a condition over the arguments of call on goarch.
//
//	condition  = and { "||" and }
//	and        = term { "&&" term }
//	term       = "!" term | "(" condition ")" | comparison
//	comparison = "argN" [ "&" one ] ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) value
//	           | "argN" [ "&" one ] [ "not" ] "in" "[" value { "," value } "]"
//	value      = one { "|" one }
//	one        = number | CONSTANT | "-" one | "~" one | "(" value ")"
//
// It refuses an argument that the call does not have, a value that the
// argument's type cannot hold, and a comparison that can never or must always
// hold, because those are mistakes.
func Parse(text, goarch string, call table.Call) (Expr, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, goarch: goarch, call: call}
	e, err := p.condition()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.text != "" {
		return nil, p.unexpected("&& or || or the end")
	}
	return e, nil
}

type parser struct {
	tokens []token
	goarch string
	call   table.Call
	depth  int
}

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) next() token {
	t := p.tokens[0]
	if t.text != "" {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is s.
func (p *parser) accept(s string) bool {
	if p.peek().text != s {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(s string) error {
	if !p.accept(s) {
		return p.unexpected(s)
	}
	return nil
}

func (p *parser) unexpected(want string) error {
	t := p.peek()
	if t.text == "" {
		return fmt.Errorf("the condition ends where %s should follow", want)
	}
	return fmt.Errorf("%q at column %d stands where %s should", t.text, t.at+1, want)
}

func (p *parser) deeper() error {
	p.depth++
	if p.depth > maxDepth {
		return fmt.Errorf("the condition is nested deeper than %d levels", maxDepth)
	}
	return nil
}

func (p *parser) condition() (Expr, error) {
	x, err := p.and()
	for err == nil && p.accept("||") {
		var y Expr
		y, err = p.and()
		x = Or{x, y}
	}
	return x, err
}

func (p *parser) and() (Expr, error) {
	x, err := p.term()
	for err == nil && p.accept("&&") {
		var y Expr
		y, err = p.term()
		x = And{x, y}
	}
	return x, err
}

func (p *parser) term() (Expr, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("!"):
		x, err := p.term()
		return Not{x}, err
	case p.accept("("):
		x, err := p.condition()
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	}
	return p.comparison()
}
