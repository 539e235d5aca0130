package condition

import "fmt"

// comparison reads one comparison and binds it to the argument's type.
func (p *parser) comparison() (Expr, error) {
	c, err := p.argument()
	if err != nil {
		return nil, err
	}
	masked := p.accept("&")
	if masked {
		m, err := p.one()
		if err != nil {
			return nil, err
		}
		if c.Mask, err = c.cut(m); err != nil {
			return nil, err
		}
		if c.Mask == 0 {
			return nil, fmt.Errorf("a mask of 0 leaves nothing of arg%d to compare", c.Arg)
		}
	}
	switch op := p.next(); op.text {
	case "==", "!=":
		return p.equality(c, op.text == "!=")
	case "in":
		return p.set(c, false)
	case "not":
		if err := p.expect("in"); err != nil {
			return nil, err
		}
		return p.set(c, true)
	case "<", "<=", ">", ">=":
		return p.ordering(c, op.text, masked)
	case "":
		return nil, fmt.Errorf("the condition ends where a comparison (== != < <= > >= in) should follow")
	default:
		return nil, fmt.Errorf("%q at column %d stands where a comparison (== != < <= > >= in) should", op.text, op.at+1)
	}
}

// argument reads argN.
func (p *parser) argument() (Compare, error) {
	t := p.peek()
	if len(t.text) != 4 || t.text[:3] != "arg" || t.text[3] < '0' || t.text[3] > '5' {
		return Compare{}, p.unexpected("an argument (arg0 to arg5)")
	}
	p.next()
	n := int(t.text[3] - '0')
	typ, ok := p.call.Arg(n)
	switch count := len(p.call.Types); {
	case ok:
	case count == 0:
		return Compare{}, fmt.Errorf("%s has no arguments", p.call.Name)
	case count == 1:
		return Compare{}, fmt.Errorf("%s has one argument only, arg0", p.call.Name)
	default:
		return Compare{}, fmt.Errorf("%s has no arg%d: its arguments are arg0 to arg%d", p.call.Name, n, count-1)
	}
	return Compare{Arg: n, Type: typ, Mask: ones(typ.Bits())}, nil
}

func ones(bits int) uint64 { return ^uint64(0) >> (64 - bits) }

func (p *parser) equality(c Compare, negate bool) (Expr, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	return c.equal([]number{v}, negate)
}

func (p *parser) set(c Compare, negate bool) (Expr, error) {
	if err := p.expect("["); err != nil {
		return nil, err
	}
	var values []number
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if !p.accept(",") {
			break
		}
		if p.peek().text == "]" { // a comma may stand after the last value, as in HCL
			break
		}
	}
	if err := p.expect("]"); err != nil {
		return nil, err
	}
	return c.equal(values, negate)
}

func (c Compare) equal(values []number, negate bool) (Expr, error) {
	c.Op = Equal
	for _, v := range values {
		bits, err := c.cut(v)
		if err != nil {
			return nil, err
		}
		if bits&^c.Mask != 0 {
			return nil, fmt.Errorf("%#x has bits that the mask %#x takes away: this can never be equal", bits, c.Mask)
		}
		c.Values = append(c.Values, bits)
	}
	if negate {
		return Not{c}, nil
	}
	return c, nil
}

// ordering reads the right side of < <= > >=.
func (p *parser) ordering(c Compare, op string, masked bool) (Expr, error) {
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	// What a mask leaves has no sign.
	c.Signed = c.Type.Signed() && !masked
	if !c.Signed && v.negative {
		return nil, fmt.Errorf("arg%d of %s is never negative here (%s): the comparison with %d is a mistake", c.Arg, p.call.Name, c.Type, int64(v.bits))
	}
	if c.Signed && !v.negative && v.bits > ones(c.Type.Bits())>>1 {
		return nil, fmt.Errorf("arg%d of %s is a signed number (%s): %#x is above its largest value", c.Arg, p.call.Name, c.Type, v.bits)
	}
	bits, err := c.cut(v)
	if err != nil {
		return nil, err
	}
	if err := c.constant(op, bits); err != nil {
		return nil, err
	}
	c.Values = []uint64{bits}
	switch op {
	case "<":
		c.Op = Less
		return c, nil
	case ">":
		c.Op = Greater
		return c, nil
	case "<=":
		c.Op = Greater
	default:
		c.Op = Less
	}
	return Not{c}, nil
}

// constant refuses a comparison whose outcome does not depend on the argument.
func (c Compare) constant(op string, bits uint64) error {
	least, most := uint64(0), c.Mask
	if c.Signed {
		least, most = ones(c.Type.Bits())>>1+1, ones(c.Type.Bits())>>1
	}
	if bits == least && (op == "<" || op == ">=") || bits == most && (op == ">" || op == "<=") {
		outcome := "never holds"
		if op == ">=" || op == "<=" {
			outcome = "always holds"
		}
		return fmt.Errorf("arg%d %s %#x %s", c.Arg, op, bits, outcome)
	}
	return nil
}

// cut gives the number as the argument's type holds it.
func (c Compare) cut(v number) (uint64, error) {
	width := c.Type.Bits()
	fits := v.bits <= ones(width)
	switch {
	case v.complement:
		fits = fits || v.bits|ones(width) == ^uint64(0)
	case v.negative:
		fits = int64(v.bits) >= -1<<(width-1)
	}
	if !fits {
		return 0, fmt.Errorf("%s does not fit arg%d, which has %d bits (%s)", v, c.Arg, width, c.Type)
	}
	return v.bits & ones(width), nil
}
