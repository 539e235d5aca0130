package steps

import "slices"

// Reg names a slot of the interpreter: the result of an earlier call, used as
// an argument of a later one.
type Reg uint8

// registers is how many slots the interpreter has.
const registers = 16

// arg is a prepared argument: a value, or a register's content.
type arg struct {
	value uintptr
	reg   bool
}

// call is one system call with everything prepared.
type call struct {
	number uintptr
	args   [6]uintptr
	regs   uint8 // bit i: args[i] is a register's index
	save   int8  // register for the result, or -1
	ignore [2]uint16
	step   uint16
	op     operation
	memory pointer // of store, load and expect
}

// operation says what a call is where it is no system call.
type operation uint8

const (
	systemCall operation = iota
	// store writes the low 32 bits of args[0] to memory: a descriptor into a
	// prepared structure.
	store
	// load reads 32 bits of memory into a register: a descriptor that the kernel
	// put there.
	load
	// expect fails the step where memory holds a negative errno, and not 0 (the
	// answer of netlink(7)).
	expect
	// equal fails the step with ESRCH where register args[0] does not hold args[1].
	equal
	// startHelper starts the helper, which has the registers as they are.
	startHelper
)

// List is the setup program: what PID 1 of the sandbox does, then what the
// program's own process does up to execve(2).
type List struct {
	Steps []Step

	calls   []call
	early   int    // number of calls that the child got when it was started
	program int    // index of the program's first call, -1 while there is none
	starts  int    // index of the step that starts the program's process
	bound   bool   // see DieWithParent
	child   *child // that runs it, nil while there is none
	helper  []call
	helping bool // what is added belongs to the helper
	memory  arena
	lend    *lender // nil where PID 1 lends no sockets
	token   uint64  // see Notify

	noOpenat2 bool // see WithoutOpenat2
}

// New gives an empty list with room for a usual sandbox.
func New() *List {
	return &List{Steps: make([]Step, 0, 192), calls: make([]call, 0, 512), program: -1}
}

// Program ends init's part; what is added from now on is done by the
// program's own process.
func (l *List) Program() { l.program = len(l.calls) }

// StartProgram is [List.Program] where init stays: the process is its child then,
// made by fork(2) or its like, which can fail as every other step.
func (l *List) StartProgram() {
	l.begin(Start, noOrigin, "process", "start the program's process")
	l.starts = len(l.Steps) - 1
	l.Program()
}

// Reserve makes room for so many more steps and calls: a list that grows step by
// step is copied again and again.
func (l *List) Reserve(steps, calls int) {
	l.Steps = slices.Grow(l.Steps, steps)
	l.calls = slices.Grow(l.calls, calls)
}

// Count gives the number of system calls of all parts.
func (l *List) Count() int { return len(l.calls) + len(l.helper) }

// begin opens a step; the calls added after it belong to it.
func (l *List) begin(kind Kind, origin int, object string, words ...string) {
	process := "init"
	switch {
	case l.helping:
		process = "helper"
	case l.program >= 0:
		process = "program"
	}
	step := NewStep(kind, origin, object, words...)
	step.Process = process
	l.Steps = append(l.Steps, step)
}

func value[T ~int | ~uint | ~uint32 | ~uint64 | ~uintptr | ~int32](v T) arg {
	return arg{value: uintptr(v)}
}
func slot(r Reg) arg { return arg{value: uintptr(r), reg: true} }

// add appends a system call to the open step and gives it back for tuning.
func (l *List) add(number uintptr, args ...arg) *call {
	c := call{number: number, save: -1, step: uint16(len(l.Steps) - 1)}
	for i, a := range args {
		c.args[i] = a.value
		if a.reg {
			c.regs |= 1 << i
		}
	}
	to := &l.calls
	if l.helping {
		to = &l.helper
	}
	*to = append(*to, c)
	return &(*to)[len(*to)-1]
}

func (c *call) into(r Reg) *call { c.save = int8(r); return c }

// unless makes up to two errnos no failure: EEXIST of a directory that is there
// already.
func (c *call) unless(errnos ...uint16) *call { copy(c.ignore[:], errnos); return c }

// tolerates says whether errno is no failure of the call.
//
//go:norace
//go:nocheckptr
//go:nosplit
func (c *call) tolerates(errno uintptr) bool {
	return errno == uintptr(c.ignore[0]) || errno == uintptr(c.ignore[1])
}
