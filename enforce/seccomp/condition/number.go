package condition

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// number is a value between -2^63 and 2^64-1, as two's complement bits.
type number struct {
	bits     uint64
	negative bool
	// complement says that it came from ~, so that ones above an argument's
	// width mean nothing.
	complement bool
}

// String gives the number in the notation in which it is likely to be known.
func (n number) String() string {
	if n.negative {
		return strconv.FormatInt(int64(n.bits), 10)
	}
	return fmt.Sprintf("%#x", n.bits)
}

// value reads one { "|" one }.
func (p *parser) value() (number, error) {
	n, err := p.one()
	for err == nil && p.accept("|") {
		var m number
		m, err = p.one()
		n = number{n.bits | m.bits, n.negative || m.negative, n.complement || m.complement}
	}
	return n, err
}

func (p *parser) one() (number, error) {
	if err := p.deeper(); err != nil {
		return number{}, err
	}
	defer func() { p.depth-- }()
	switch {
	case p.accept("("):
		n, err := p.value()
		if err != nil {
			return n, err
		}
		return n, p.expect(")")
	case p.accept("~"):
		n, err := p.one()
		// The complement of what fits 63 bits is negative, as in C.
		return number{^n.bits, !n.negative && int64(n.bits) >= 0, true}, err
	case p.accept("-"):
		return p.negated()
	}
	return p.literal()
}

func (p *parser) negated() (number, error) {
	n, err := p.one()
	switch {
	case err != nil || n.bits == 0:
		return n, err
	case !n.negative && n.bits > 1<<63:
		return n, fmt.Errorf("-%#x is below what 64 bits hold", n.bits)
	}
	return number{bits: -n.bits, negative: !n.negative}, nil
}

// literal reads a number (decimal, 0x, 0o, 0b, or octal with a leading 0) or a
// constant's name.
func (p *parser) literal() (number, error) {
	t := p.peek()
	switch {
	case t.text == "" || !isWord(t.text[0]):
		return number{}, p.unexpected("a number or a constant")
	case t.text[0] >= '0' && t.text[0] <= '9':
		p.next()
		bits, err := strconv.ParseUint(t.text, 0, 64)
		if errors.Is(err, strconv.ErrRange) {
			return number{}, fmt.Errorf("%s at column %d does not fit 64 bits", t.text, t.at+1)
		}
		if err != nil {
			return number{}, fmt.Errorf("%s at column %d is no number", t.text, t.at+1)
		}
		return number{bits: bits}, nil
	}
	p.next()
	v, ok := table.Constant(p.goarch, t.text)
	if !ok {
		return number{}, &UnknownConstantError{Name: t.text, Column: t.at + 1}
	}
	return number{bits: uint64(v), negative: v < 0}, nil
}

// UnknownConstantError is returned for a name that is no symbolic constant.
type UnknownConstantError struct {
	Name   string
	Column int // from 1
}

// Error implements error.
func (e *UnknownConstantError) Error() string {
	return fmt.Sprintf("%s at column %d is no constant that husk knows", e.Name, e.Column)
}
