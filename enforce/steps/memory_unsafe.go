package steps

import "unsafe"

// pointer is an address in an arena.
type pointer = unsafe.Pointer

// arena holds what system calls point at. Its chunks never move and stay
// reachable until the child has its copy, so that addresses may be kept as
// uintptr, which the garbage collector doesn't follow.
type arena struct {
	free   []byte
	chunks [][]byte
}

const chunkSize = 16 << 10

// bytes gives n zeroed bytes at an address that is a multiple of 8.
func (a *arena) bytes(n int) []byte {
	padded := (n + 7) &^ 7
	if padded > len(a.free) {
		chunk := make([]byte, max(chunkSize, padded))
		a.chunks = append(a.chunks, chunk)
		a.free = chunk
	}
	b := a.free[:n:n]
	a.free = a.free[padded:]
	return b
}

// address gives b's address as a system call argument; b comes from an arena.
func address(b []byte) arg {
	if len(b) == 0 {
		return arg{}
	}
	return arg{value: uintptr(unsafe.Pointer(unsafe.SliceData(b)))}
}

// text copies s with the NUL that C strings end with. s holds none itself:
// the callers check paths before they become steps.
func (l *List) text(s string) arg {
	b := l.memory.bytes(len(s) + 1)
	copy(b, s)
	return address(b)
}

// data copies b.
func (l *List) data(b []byte) arg {
	c := l.memory.bytes(len(b))
	copy(c, b)
	return address(c)
}

// keep gives the address of b itself, which nobody may change from now on.
func (l *List) keep(b []byte) arg {
	if len(b) == 0 {
		return arg{}
	}
	l.memory.chunks = append(l.memory.chunks, b)
	return address(b)
}

// pointers gives the address of a NULL-ended array of C strings, for execve(2).
func (l *List) pointers(list []string) arg {
	table := l.memory.bytes((len(list) + 1) * int(unsafe.Sizeof(uintptr(0))))
	p := unsafe.Slice((*uintptr)(unsafe.Pointer(unsafe.SliceData(table))), len(list)+1)
	for i, s := range list {
		p[i] = l.text(s).value
	}
	return address(table)
}

// storeInt32 adds the pseudo-call that writes the low 32 bits of register r
// at offset of b.
func (l *List) storeInt32(b []byte, offset int, r Reg) {
	c := l.add(0, slot(r))
	c.op, c.memory = store, unsafe.Pointer(&b[offset])
}

// loadInt32 adds the pseudo-call that reads what the kernel wrote at offset of
// b into register r.
func (l *List) loadInt32(b []byte, offset int, r Reg) {
	c := l.add(0).into(r)
	c.op, c.memory = load, unsafe.Pointer(&b[offset])
}

// expect adds the pseudo-call that fails with the negative errno at offset of
// b, if it is not 0.
func (l *List) expect(b []byte, offset int) {
	c := l.add(0)
	c.op, c.memory = expect, unsafe.Pointer(&b[offset])
}
