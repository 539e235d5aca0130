package table

// Type is how the kernel reads one argument. A register always has 64 bits;
// what lies above the type's width is ignored by the kernel, so a filter that
// compared it could be dodged (CVE-2019-10063).
type Type byte

// The types, with the letters that the tables use.
const (
	Int32   Type = 'i' // int, pid_t
	Uint32  Type = 'u' // unsigned int, uid_t
	Uint16  Type = 'h' // umode_t, the old 16-bit ids
	Uint8   Type = 'b' // unsigned char
	Int64   Type = 'S' // long, loff_t
	Uint64  Type = 'L' // unsigned long, size_t
	Pointer Type = 'p'
	Unknown Type = '?'
)

// Bits gives the width in bits.
func (t Type) Bits() int {
	switch t {
	case Int32, Uint32:
		return 32
	case Uint16:
		return 16
	case Uint8:
		return 8
	}
	return 64
}

// Signed says whether the kernel reads a negative number in it.
func (t Type) Signed() bool { return t == Int32 || t == Int64 }

// String gives the C type that stands for the class.
func (t Type) String() string {
	switch t {
	case Int32:
		return "int"
	case Uint32:
		return "unsigned int"
	case Uint16:
		return "unsigned short"
	case Uint8:
		return "unsigned char"
	case Int64:
		return "long"
	case Uint64:
		return "unsigned long"
	case Pointer:
		return "pointer"
	}
	return "unknown"
}

// Arg gives the type of the call's argument i, from 0. Where the call's
// arguments are not known it is Unknown; false where there is no such argument.
func (c Call) Arg(i int) (Type, bool) {
	if c.Types == string(rune(Unknown)) {
		return Unknown, i >= 0 && i < 6
	}
	if i < 0 || i >= len(c.Types) {
		return Unknown, false
	}
	return Type(c.Types[i]), true
}
