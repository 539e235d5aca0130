package filter_test

import (
	"errors"
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
)

func assemble(t *testing.T, b *filter.Builder, root filter.Node) []filter.Instruction {
	t.Helper()
	program, err := b.Assemble(root)
	if err != nil {
		t.Fatal(err)
	}
	if err := simulator.Check(program); err != nil {
		t.Fatal(err)
	}
	return program
}

func run(t *testing.T, program []filter.Instruction, nr int32) uint32 {
	t.Helper()
	r, err := simulator.Run(program, simulator.Data{Number: nr})
	if err != nil {
		t.Fatal(err)
	}
	return r.Value
}

func TestEqualNodesAreOne(t *testing.T) {
	t.Parallel()
	var b filter.Builder
	yes, no := b.Return(1), b.Return(2)
	if b.Return(1) != yes {
		t.Error("two returns of the same value")
	}
	if b.Branch(filter.Equal, 5, yes, yes) != yes {
		t.Error("a branch whose sides are the same is not dropped")
	}
	branch := b.Branch(filter.Equal, 5, yes, no)
	if again := b.Branch(filter.Equal, 5, yes, no); again != branch {
		t.Error("two equal branches")
	}
	if b.And(0xffffffff, yes) != yes {
		t.Error("a mask of ones is not dropped")
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	var b filter.Builder
	var segments []filter.Segment
	for i := range uint32(400) {
		segments = append(segments, filter.Segment{From: i, Node: b.Return(i / 3)})
	}
	program := assemble(t, &b, b.Load(filter.OffsetNumber, b.Search(segments)))
	for nr := range int32(400) {
		if got := run(t, program, nr); got != uint32(nr/3) {
			t.Errorf("%d gives %d", nr, got)
		}
	}
	if got := run(t, program, 5000); got != 399/3 {
		t.Errorf("a number after the last segment gives %d", got)
	}
	if r, _ := simulator.Run(program, simulator.Data{Number: 200}); r.Executed > 11 {
		t.Errorf("134 segments take %d instructions", r.Executed)
	}
}

// A chain of tests that all go to the same far place needs relays.
func TestLongJumps(t *testing.T) {
	t.Parallel()
	for _, length := range []int{100, 253, 254, 255, 256, 257, 258, 259, 600, 1900} {
		var b filter.Builder
		// The far target is no return, which could be copied.
		far := b.Load(filter.OffsetArch, b.Branch(filter.Equal, 0, b.Return(7), b.Return(8)))
		next := b.Return(9)
		for i := length; i > 0; i-- {
			next = b.Branch(filter.Equal, uint32(2*i), far, next)
		}
		program := assemble(t, &b, b.Load(filter.OffsetNumber, next))
		for nr := range int32(2*length + 3) {
			want := uint32(9)
			if nr > 0 && nr%2 == 0 && int(nr) <= 2*length {
				want = 7
			}
			if got := run(t, program, nr); got != want {
				t.Fatalf("length %d: %d gives %d, want %d", length, nr, got, want)
			}
		}
		if limit := length + length/100 + 8; len(program) > limit {
			t.Errorf("%d tests take %d instructions", length, len(program))
		}
	}
}

// Both sides of a branch far away at once.
func TestTwoLongJumps(t *testing.T) {
	t.Parallel()
	var b filter.Builder
	chain := func(from, n, end uint32) filter.Node {
		next := b.Return(end)
		for i := n; i > 0; i-- {
			next = b.Branch(filter.Equal, from+i, b.Return(from+i), next)
		}
		return next
	}
	left, right := chain(10000, 600, 1), chain(20000, 600, 2)
	root := b.Branch(filter.GreaterOrEqual, 15000, right, left)
	root = b.Branch(filter.Equal, 3, left, root)
	root = b.Branch(filter.Equal, 4, right, root)
	program := assemble(t, &b, b.Load(filter.OffsetNumber, root))
	for nr, want := range map[int32]uint32{3: 1, 4: 2, 5: 1, 10001: 10001, 10600: 10600, 15000: 2, 20300: 20300, 20601: 2} {
		if got := run(t, program, nr); got != want {
			t.Errorf("%d gives %d, want %d", nr, got, want)
		}
	}
}

// Every pair of distances around the longest jump.
func TestJumpsAroundTheLimit(t *testing.T) {
	t.Parallel()
	for before := range 6 {
		for between := range 6 {
			var b filter.Builder
			next := b.Return(9)
			first := b.Load(filter.OffsetArch, b.Branch(filter.Equal, 0, b.Return(7), next))
			second, next := first, first
			for i := range 251 + before + between {
				next = b.Branch(filter.Equal, uint32(1000+i), b.Return(5), next)
				if i == between {
					second = next
				}
			}
			root := b.Branch(filter.Equal, 3, next, b.Branch(filter.GreaterOrEqual, 4, first, second))
			program := assemble(t, &b, b.Load(filter.OffsetNumber, root))
			for nr, want := range map[int32]uint32{3: 7, 4: 7, 1000: 7, 2: 7} {
				if got := run(t, program, nr); got != want {
					t.Errorf("%d, %d: %d gives %d, want %d", before, between, nr, got, want)
				}
			}
		}
	}
}

// Two operations that go on at the same place: one of them has to jump.
func TestSharedContinuation(t *testing.T) {
	t.Parallel()
	var b filter.Builder
	shared := b.Branch(filter.Equal, 2, b.Return(1), b.Return(2))
	root := b.Branch(filter.GreaterOrEqual, 8, b.And(6, shared), b.Xor(1, shared))
	program := assemble(t, &b, b.Load(filter.OffsetNumber, root))
	for nr, want := range map[int32]uint32{10: 1, 11: 1, 12: 2, 3: 1, 2: 2, 1: 2} {
		if got := run(t, program, nr); got != want {
			t.Errorf("%d gives %d, want %d", nr, got, want)
		}
	}
}

func TestTooLong(t *testing.T) {
	t.Parallel()
	var b filter.Builder
	next := b.Return(0)
	for i := range uint32(filter.MaxInstructions + 1) {
		next = b.Branch(filter.Equal, i, b.Return(1), next)
	}
	_, err := b.Assemble(next)
	var long *filter.TooLongError
	if !errors.As(err, &long) || long.Length <= filter.MaxInstructions {
		t.Errorf("a program that is too long gives %v", err)
	}
}

func TestEncode(t *testing.T) {
	t.Parallel()
	in := []filter.Instruction{{Code: 0x20, K: 4}, {Code: 0x15, JT: 1, JF: 2, K: 0xc000003e}}
	text := filter.Encode(in)
	want := "\x20\x00\x00\x00\x04\x00\x00\x00\x15\x00\x01\x02\x3e\x00\x00\xc0"
	if string(text) != want {
		t.Errorf("Encode gives %x, want %x", text, want)
	}
	out, err := filter.Decode(text)
	if err != nil || len(out) != 2 || out[0] != in[0] || out[1] != in[1] {
		t.Errorf("Decode gives %v, %v", out, err)
	}
	if _, err := filter.Decode(text[:9]); err == nil {
		t.Error("Decode takes half an instruction")
	}
}
