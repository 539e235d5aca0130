package seccomptest

import (
	"fmt"
	"math/rand/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
)

// Samples is how many sets of arguments Compare tries for a call that a filter
// decides by its arguments.
const Samples = 200

// interesting are values that lie on the edges of what conditions compare.
var interesting = []uint64{
	0, 1, 2, 3, 4, 5, 7, 8, 10, 16, 17, 33, 38, 40, 0x11, 0x20, 0x40, 0x80, 0xff, 0x100, 0x106, 0x1000,
	0x40000, 0x80000, 0x241, 0x441, 0x400, 0x800, 0xdff, 0x4000, 0x400000, 0x404000, 0x410000, 0x5401, 0x5412, 0x5413, 0x541b, 0x541c, 0x5423, 0x10000, 0x20000, 0x7c020000, 0x3d0f00,
	0x10000000, 0x20000000, 0x53564d41, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	0x100000000, 0x100005412, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffff00000000, 0xffffffffffffffff,
}

// Compare compiles the policy and runs the filter, and the one that notifies of
// logged calls, over all call numbers from 0 to 1023, the same with the x32 bit,
// numbers at the edges, and foreign architectures. The first difference from the reference is the error. It gives
// the filter's length in instructions.
func Compare(p plan.Syscalls, goarch string, seed uint64) (length int, err error) {
	compiled, err := seccomp.Compile(p, goarch)
	if err != nil {
		return 0, err
	}
	program, err := decode(compiled.Program)
	if err != nil {
		return 0, err
	}
	c := &comparison{policy: p, program: program, reference: NewReference(p, goarch), random: rand.New(rand.NewPCG(seed, 1))}
	if len(compiled.LogProgram) > 0 {
		if c.notifying, err = decode(compiled.LogProgram); err != nil {
			return 0, err
		}
	}
	native := Audit(goarch)
	for _, base := range []int32{0, 0x40000000} {
		for nr := int32(0); nr < 1024; nr++ {
			if err := c.number(base|nr, native); err != nil {
				return 0, err
			}
		}
	}
	for _, nr := range []int32{-1, -2, -4095, 0x3fffffff, 0x7fffffff, -0x80000000, -0x40000000} {
		if err := c.number(nr, native); err != nil {
			return 0, err
		}
	}
	for _, arch := range []uint32{AuditAMD64, AuditARM64, AuditI386, AuditARM, 0, 0xffffffff} {
		for _, nr := range []int32{0, 1, 16, 59, 221, 248, 250, 311, 1000, -1} {
			if err := c.number(nr, arch); err != nil {
				return 0, err
			}
		}
	}
	return len(program), nil
}

// decode reads a program that the kernel would take.
func decode(text []byte) ([]filter.Instruction, error) {
	program, err := filter.Decode(text)
	if err == nil {
		err = simulator.Check(program)
	}
	return program, err
}

type comparison struct {
	policy    plan.Syscalls
	program   []filter.Instruction
	notifying []filter.Instruction // nil where nothing is logged
	reference *Reference
	random    *rand.Rand
}

// number tries one call number: once where the filter looks at no argument,
// because then it cannot depend on any, else with many.
func (c *comparison) number(nr int32, arch uint32) error {
	for i := range Samples {
		d := simulator.Data{Number: nr, Arch: arch, InstructionPointer: c.random.Uint64()}
		if i > 0 {
			c.arguments(&d)
		}
		got, err := simulator.Run(c.program, d)
		if err != nil {
			return err
		}
		want, err := c.reference.Action(d)
		if err != nil {
			return err
		}
		if got.Value != want {
			return fmt.Errorf("%s: call %d of %#x with %#x: the filter says %#x, the reference %#x",
				c.reference.goarch, nr, arch, d.Args, got.Value, want)
		}
		looks, err := c.notified(d, want)
		if err != nil {
			return err
		}
		if !got.LoadedArgs && !looks && i >= 3 {
			return nil
		}
	}
	return nil
}

// notified compares the other filter: it notifies where the reference logs, and
// of a line that says so, and permits everything else. It says whether that
// filter looked at the arguments.
func (c *comparison) notified(d simulator.Data, want uint32) (looks bool, err error) {
	const logs, permits, notifies = 0x7ffc0000, 0x7fff0000, 0x7fc00000 // linux/seccomp.h
	if c.notifying == nil {
		if want == logs {
			return false, fmt.Errorf("call %d is logged, and no filter notifies", d.Number)
		}
		return false, nil
	}
	got, err := simulator.Run(c.notifying, d)
	if err != nil {
		return false, err
	}
	line := int(got.Value & 0xffff)
	switch {
	case want != logs && got.Value == permits:
	case want == logs && got.Value&^0xffff == notifies && c.action(line) == "log":
	default:
		return false, fmt.Errorf("%s: call %d of %#x with %#x: the notifying filter says %#x, the reference %#x",
			c.reference.goarch, d.Number, d.Arch, d.Args, got.Value, want)
	}
	return got.LoadedArgs, nil
}

// action gives what the line with that number says (plan.Syscalls.Line).
func (c *comparison) action(line int) string {
	lists := len(c.policy.Lists)
	switch {
	case line == 0:
		return c.policy.Default
	case line <= lists:
		return c.policy.Lists[line-1].Action
	case line <= lists+len(c.policy.Rules):
		return c.policy.Rules[line-1-lists].Action
	}
	return "none"
}

// arguments fills in values near the interesting ones, and some with other bits
// above the low half.
func (c *comparison) arguments(d *simulator.Data) {
	for i := range d.Args {
		v := interesting[c.random.IntN(len(interesting))]
		switch c.random.IntN(8) {
		case 0:
			v++
		case 1:
			v--
		case 2:
			v |= 1 << c.random.IntN(64)
		case 3:
			v |= interesting[c.random.IntN(len(interesting))]
		case 4:
			v |= c.random.Uint64() << 32
		case 5:
			v = c.random.Uint64()
		}
		d.Args[i] = v
	}
}
