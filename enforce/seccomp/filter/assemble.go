package filter

import (
	"encoding/binary"
	"fmt"
)

// MaxInstructions is the longest program that the kernel takes
// (BPF_MAXINSNS, linux/bpf_common.h).
const MaxInstructions = 4096

// InstructionSize is the size of struct sock_filter, in bytes.
const InstructionSize = 8

// longestBranch is how many instructions a conditional jump can skip: its
// offsets have eight bits.
const longestBranch = 255

// Instruction is a struct sock_filter.
type Instruction struct {
	Code   uint16
	JT, JF uint8
	K      uint32
}

// TooLongError is returned for a program of more than [MaxInstructions].
type TooLongError struct{ Length int }

// Error implements error.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("the filter needs %d instructions, the kernel takes %d: use fewer rules with conditions, or groups", e.Length, MaxInstructions)
}

// Assemble writes the graph below root as a program.
func (b *Builder) Assemble(root Node) ([]Instruction, error) {
	a := assembler{nodes: b.nodes, placed: make([]int, len(b.nodes))}
	a.place(root)
	if len(a.reversed) > MaxInstructions {
		return nil, &TooLongError{len(a.reversed)}
	}
	out := make([]Instruction, len(a.reversed))
	for i, ins := range a.reversed {
		out[len(out)-1-i] = ins
	}
	return out, nil
}

// assembler holds the program in reverse: reversed[0] is its last instruction.
type assembler struct {
	nodes    []node
	reversed []Instruction
	// placed gives the length of reversed when the node's first instruction
	// was the newest; 0 means not placed.
	placed []int
}

// place makes sure that the node's code exists.
func (a *assembler) place(id Node) {
	if a.placed[id] != 0 {
		return
	}
	n := a.nodes[id]
	switch {
	case n.yes == none:
		a.emit(id, Instruction{Code: n.code, K: n.k})
	case n.no == none:
		a.place(n.yes)
		if a.skipped(n.yes) != 0 {
			a.relay(n.yes)
		}
		a.emit(id, Instruction{Code: n.code, K: n.k})
	default:
		a.place(n.yes)
		a.place(n.no)
		// A relay for one side moves the other away by one, at most once.
		for far := a.tooFar(n); far != none; far = a.tooFar(n) {
			a.relay(far)
		}
		a.emit(id, Instruction{n.code, uint8(a.skipped(n.yes)), uint8(a.skipped(n.no)), n.k})
	}
}

func (a *assembler) emit(id Node, ins Instruction) {
	a.reversed = append(a.reversed, ins)
	a.placed[id] = len(a.reversed)
}

// skipped is how many instructions lie between the next one to be emitted and
// the node.
func (a *assembler) skipped(id Node) int { return len(a.reversed) - a.placed[id] }

// tooFar gives a side of the branch that it could not jump to, if any.
func (a *assembler) tooFar(n node) Node {
	switch {
	case a.skipped(n.yes) > longestBranch:
		return n.yes
	case a.skipped(n.no) > longestBranch:
		return n.no
	}
	return none
}

// relay puts a nearer entry to the node: a copy of a return, else a jump, which
// is as long.
func (a *assembler) relay(id Node) {
	n := a.nodes[id]
	if n.yes == none {
		a.emit(id, Instruction{Code: n.code, K: n.k})
		return
	}
	a.emit(id, Instruction{Code: codeJump, K: uint32(a.skipped(id))})
}

// Encode gives the program as an array of struct sock_filter, little-endian.
func Encode(program []Instruction) []byte {
	out := make([]byte, 0, len(program)*InstructionSize)
	for _, ins := range program {
		out = binary.LittleEndian.AppendUint16(out, ins.Code)
		out = append(out, ins.JT, ins.JF)
		out = binary.LittleEndian.AppendUint32(out, ins.K)
	}
	return out
}

// Decode is the reverse of [Encode]. It refuses a length that is no whole
// number of instructions.
func Decode(program []byte) ([]Instruction, error) {
	if len(program)%InstructionSize != 0 {
		return nil, fmt.Errorf("%d bytes are no whole number of instructions", len(program))
	}
	out := make([]Instruction, len(program)/InstructionSize)
	for i := range out {
		at := program[i*InstructionSize:]
		out[i] = Instruction{binary.LittleEndian.Uint16(at), at[2], at[3], binary.LittleEndian.Uint32(at[4:])}
	}
	return out, nil
}
