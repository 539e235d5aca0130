package seccomp

import (
	"github.com/husk-sandbox/husk/enforce/seccomp/condition"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
)

// lower gives the code that goes on at yes where e holds, else at no.
func lower(b *filter.Builder, e condition.Expr, yes, no filter.Node) filter.Node {
	switch e := e.(type) {
	case condition.And:
		return lower(b, e.X, lower(b, e.Y, yes, no), no)
	case condition.Or:
		return lower(b, e.X, yes, lower(b, e.Y, yes, no))
	case condition.Not:
		return lower(b, e.X, no, yes)
	}
	c := e.(condition.Compare)
	if c.Op == condition.Equal {
		return lowerEqual(b, c, yes, no)
	}
	return lowerOrder(b, c, yes, no)
}

// sign is the bit that, turned round, makes the order of signed numbers that of
// unsigned ones, which is the only one that the machine knows.
const sign = 1 << 31

// half is one 32-bit half of an argument.
type half struct {
	offset uint32
	mask   uint32
	flip   uint32 // sign, or 0
}

func halves(c condition.Compare) (high, low half) {
	high = half{filter.OffsetHigh(c.Arg), uint32(c.Mask >> 32), 0}
	low = half{filter.OffsetLow(c.Arg), uint32(c.Mask), 0}
	switch {
	case !c.Signed:
	case c.Type.Bits() == 64:
		high.flip = sign
	default:
		low.flip = sign
	}
	return high, low
}

// load puts the half into the accumulator.
func (h half) load(b *filter.Builder, next filter.Node) filter.Node {
	if h.flip != 0 {
		next = b.Xor(h.flip, next)
	}
	return b.Load(h.offset, b.And(h.mask, next))
}

// lowerEqual compares the high half first, then the low one, each only where
// the mask leaves something of it.
func lowerEqual(b *filter.Builder, c condition.Compare, yes, no filter.Node) filter.Node {
	high, low := halves(c)
	if high.mask == 0 {
		return low.in(b, lowHalves(c.Values), yes, no)
	}
	next := no
	seen := map[uint32]bool{}
	for i := len(c.Values) - 1; i >= 0; i-- {
		top := uint32(c.Values[i] >> 32)
		if seen[top] {
			continue
		}
		seen[top] = true
		match := yes
		if low.mask != 0 {
			match = low.in(b, lowHalves(withHigh(c.Values, top)), yes, no)
		}
		if next == no {
			next = high.in(b, []uint32{top}, match, no)
		} else {
			next = high.in(b, []uint32{top}, match, next)
		}
	}
	return next
}

func withHigh(values []uint64, top uint32) (out []uint64) {
	for _, v := range values {
		if uint32(v>>32) == top {
			out = append(out, v)
		}
	}
	return out
}

func lowHalves(values []uint64) (out []uint32) {
	for _, v := range values {
		out = append(out, uint32(v))
	}
	return out
}

// in goes on at yes where the half is one of values.
func (h half) in(b *filter.Builder, values []uint32, yes, no filter.Node) filter.Node {
	if len(values) == 1 && values[0] == 0 && h.mask != ^uint32(0) {
		// "No bit of the mask" is one instruction.
		return b.Load(h.offset, b.Branch(filter.AnyBit, h.mask, no, yes))
	}
	next := no
	for i := len(values) - 1; i >= 0; i-- {
		next = b.Branch(filter.Equal, values[i], yes, next)
	}
	return h.load(b, next)
}

func lowerOrder(b *filter.Builder, c condition.Compare, yes, no filter.Node) filter.Node {
	high, low := halves(c)
	value := c.Values[0]
	if high.mask == 0 {
		return low.load(b, beyond(b, c.Op, uint32(value)^low.flip, yes, no))
	}
	top := uint32(value>>32) ^ high.flip
	// Only equal high halves leave the decision to the low ones.
	tie := low.load(b, beyond(b, c.Op, uint32(value), yes, no))
	if c.Op == condition.Greater {
		return high.load(b, b.Branch(filter.Greater, top, yes, b.Branch(filter.Equal, top, tie, no)))
	}
	return high.load(b, b.Branch(filter.GreaterOrEqual, top, b.Branch(filter.Equal, top, tie, no), yes))
}

// beyond goes on at yes where the accumulator is less or greater than k.
func beyond(b *filter.Builder, op condition.Op, k uint32, yes, no filter.Node) filter.Node {
	if op == condition.Greater {
		return b.Branch(filter.Greater, k, yes, no)
	}
	return b.Branch(filter.GreaterOrEqual, k, no, yes)
}
