package simulator

import (
	"encoding/binary"
	"fmt"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
)

// Data is struct seccomp_data (linux/seccomp.h).
type Data struct {
	Number             int32
	Arch               uint32
	InstructionPointer uint64
	Args               [6]uint64
}

// size is sizeof(struct seccomp_data).
const size = 64

func (d Data) bytes() [size]byte {
	var out [size]byte
	binary.LittleEndian.PutUint32(out[0:], uint32(d.Number))
	binary.LittleEndian.PutUint32(out[4:], d.Arch)
	binary.LittleEndian.PutUint64(out[8:], d.InstructionPointer)
	for i, arg := range d.Args {
		binary.LittleEndian.PutUint64(out[16+8*i:], arg)
	}
	return out
}

// Result is how a filter ended.
type Result struct {
	Value    uint32
	Executed int // instructions
	// LoadedArgs says that something else than number and architecture was
	// loaded: then the kernel cannot keep the answer in its per-call cache.
	LoadedArgs bool
}

// Instruction codes, see linux/bpf_common.h.
const (
	load = 0x20
	ret  = 0x06
	jump = 0x05
	and  = 0x54
	xor  = 0xa4
	jeq  = 0x15
	jgt  = 0x25
	jge  = 0x35
	jset = 0x45
)

// Check refuses what the kernel's checker refuses (bpf_check_classic and
// seccomp_check_filter): an empty or too long program, an instruction that is
// not known, a jump out of the program, a load that is out of bounds or not
// aligned, an end without a return.
func Check(program []filter.Instruction) error {
	if len(program) == 0 || len(program) > filter.MaxInstructions {
		return fmt.Errorf("a program of %d instructions", len(program))
	}
	for i, ins := range program {
		rest := len(program) - i - 1
		switch ins.Code {
		case load:
			if ins.K >= size || ins.K%4 != 0 {
				return fmt.Errorf("instruction %d loads from offset %d", i, ins.K)
			}
		case jump:
			if ins.K >= uint32(rest) {
				return fmt.Errorf("instruction %d jumps out of the program", i)
			}
		case jeq, jgt, jge, jset:
			if int(ins.JT) >= rest || int(ins.JF) >= rest {
				return fmt.Errorf("instruction %d jumps out of the program", i)
			}
		case ret, and, xor:
		default:
			return fmt.Errorf("instruction %d has the code %#x", i, ins.Code)
		}
	}
	if program[len(program)-1].Code != ret {
		return fmt.Errorf("the program does not end with a return")
	}
	return nil
}

// Run executes a program that [Check] has accepted.
func Run(program []filter.Instruction, d Data) (Result, error) {
	data := d.bytes()
	var r Result
	var acc uint32
	for pc := 0; pc < len(program); pc++ {
		ins := program[pc]
		r.Executed++
		switch ins.Code {
		case load:
			acc = binary.LittleEndian.Uint32(data[ins.K:])
			r.LoadedArgs = r.LoadedArgs || ins.K > filter.OffsetArch
		case and:
			acc &= ins.K
		case xor:
			acc ^= ins.K
		case ret:
			r.Value = ins.K
			return r, nil
		case jump:
			pc += int(ins.K)
		default:
			holds, err := test(ins, acc)
			if err != nil {
				return r, fmt.Errorf("instruction %d: %w", pc, err)
			}
			if holds {
				pc += int(ins.JT)
			} else {
				pc += int(ins.JF)
			}
		}
	}
	return r, fmt.Errorf("the program runs past its end")
}

func test(ins filter.Instruction, acc uint32) (bool, error) {
	switch ins.Code {
	case jeq:
		return acc == ins.K, nil
	case jgt:
		return acc > ins.K, nil
	case jge:
		return acc >= ins.K, nil
	case jset:
		return acc&ins.K != 0, nil
	}
	return false, fmt.Errorf("the code %#x is not known", ins.Code)
}
