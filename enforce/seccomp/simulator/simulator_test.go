package simulator

import (
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
)

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	end := filter.Instruction{Code: ret}
	for name, program := range map[string][]filter.Instruction{
		"empty":              {},
		"no return":          {{Code: load}},
		"unaligned":          {{Code: load, K: 2}, end},
		"out of bounds":      {{Code: load, K: 64}, end},
		"jump too far":       {{Code: jump, K: 1}, end},
		"branch too far":     {{Code: jeq, JT: 1}, end},
		"other branch":       {{Code: jset, JF: 200}, end},
		"unknown":            {{Code: 0xffff}, end},
		"longer than allows": make([]filter.Instruction, filter.MaxInstructions+1),
	} {
		if Check(program) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := Check([]filter.Instruction{{Code: load, K: 60}, {Code: jge, JT: 0, JF: 1}, {Code: jump}, end}); err != nil {
		t.Errorf("a good program: %v", err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	data := Data{Number: 7, Arch: 0xc000003e, InstructionPointer: 1, Args: [6]uint64{0x1122334455667788}}
	for _, c := range []struct {
		name    string
		program []filter.Instruction
		want    uint32
		loaded  bool
	}{
		{"number", []filter.Instruction{{Code: load, K: 0}, {Code: jeq, JF: 1, K: 7}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 1, false},
		{"arch", []filter.Instruction{{Code: load, K: 4}, {Code: jgt, JF: 1, K: 0xc000003e}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 2, false},
		{"low half", []filter.Instruction{{Code: load, K: 16}, {Code: jeq, JF: 1, K: 0x55667788}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 1, true},
		{"high half", []filter.Instruction{{Code: load, K: 20}, {Code: jeq, JF: 1, K: 0x11223344}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 1, true},
		{"and, xor", []filter.Instruction{{Code: load, K: 16}, {Code: and, K: 0xff}, {Code: xor, K: 0x80}, {Code: jeq, JF: 1, K: 8}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 1, true},
		{"any bit", []filter.Instruction{{Code: load, K: 16}, {Code: jset, JF: 1, K: 0x80}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 1, true},
		{"jump", []filter.Instruction{{Code: jump, K: 1}, {Code: ret, K: 1}, {Code: ret, K: 2}}, 2, false},
	} {
		if err := Check(c.program); err != nil {
			t.Fatal(err)
		}
		r, err := Run(c.program, data)
		if err != nil || r.Value != c.want || r.LoadedArgs != c.loaded {
			t.Errorf("%s: %+v, %v, want %d", c.name, r, err, c.want)
		}
	}
	if _, err := Run([]filter.Instruction{{Code: load}}, data); err == nil {
		t.Error("a program without an end runs")
	}
	if _, err := Run([]filter.Instruction{{Code: 0xffff}}, data); err == nil {
		t.Error("an unknown instruction runs")
	}
}
