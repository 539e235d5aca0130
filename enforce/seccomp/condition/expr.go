package condition

import (
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Expr is a condition: [And], [Or], [Not] or [Compare].
type Expr interface {
	// Holds says whether the condition is true of these arguments, given as
	// the registers hold them.
	Holds(args [6]uint64) bool
}

// And holds where both sides hold.
type And struct{ X, Y Expr }

// Or holds where one side holds.
type Or struct{ X, Y Expr }

// Not holds where its operand does not.
type Not struct{ X Expr }

// Op is how [Compare] compares. There are only three: the parser writes the
// others in terms of them.
type Op int

// The operators.
const (
	Equal   Op = iota // equal to one of Values
	Less              // less than Values[0]
	Greater           // greater than Values[0]
)

// Compare looks at one argument, cut to the width of its type and to Mask.
type Compare struct {
	Arg  int
	Type table.Type
	// Mask has no bit above the type's width; all ones where none was written.
	Mask uint64
	Op   Op
	// Signed says that Less and Greater see a signed number.
	Signed bool
	// Values are cut to the type's width: -1 as an int is 0xffffffff.
	Values []uint64
}

// Holds implements [Expr].
func (e And) Holds(args [6]uint64) bool { return e.X.Holds(args) && e.Y.Holds(args) }

// Holds implements [Expr].
func (e Or) Holds(args [6]uint64) bool { return e.X.Holds(args) || e.Y.Holds(args) }

// Holds implements [Expr].
func (e Not) Holds(args [6]uint64) bool { return !e.X.Holds(args) }

// Holds implements [Expr].
func (e Compare) Holds(args [6]uint64) bool {
	v := args[e.Arg] & e.Mask
	switch {
	case e.Op == Equal:
		for _, want := range e.Values {
			if v == want {
				return true
			}
		}
		return false
	case e.Signed:
		return e.ordered(compare(e.extend(v), e.extend(e.Values[0])))
	default:
		return e.ordered(compare(v, e.Values[0]))
	}
}

func (e Compare) ordered(c int) bool { return (e.Op == Less && c < 0) || (e.Op == Greater && c > 0) }

// extend gives v as the signed number that a type of that width holds.
func (e Compare) extend(v uint64) int64 {
	unused := 64 - e.Type.Bits()
	return int64(v<<unused) >> unused
}

func compare[T int64 | uint64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
