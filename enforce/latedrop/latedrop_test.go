package latedrop

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
	"github.com/husk-sandbox/husk/enforce/steps"
)

func TestDescriptor(t *testing.T) {
	for _, c := range []struct {
		used []int
		want int
	}{{nil, 3}, {[]int{4}, 3}, {[]int{3, 4, -1}, 5}, {[]int{9, 3, 4, 5, 6, 7}, 8}, {[]int{3, 4, 5, 6, 7, 8, 9}, 0}} {
		if got := Descriptor(c.used...); got != c.want {
			t.Errorf("beside %v: %d, want %d", c.used, got, c.want)
		}
	}
}

func decoded(t *testing.T) []filter.Instruction {
	t.Helper()
	program, err := filter.Decode(Filter())
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestTheHelpersFilterPermitsItsCallsAlone(t *testing.T) {
	program := decoded(t)
	if err := simulator.Check(program); err != nil {
		t.Fatal(err)
	}
	for number := int32(-1); number < 1000; number++ {
		for _, high := range []int32{0, 0x40000000} { // x32 on x86-64
			for _, arch := range []uint32{auditArch, unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_ARM, 0} {
				r, err := simulator.Run(program, simulator.Data{Number: number | high, Arch: arch})
				if err != nil {
					t.Fatal(err)
				}
				want := uint32(unix.SECCOMP_RET_KILL_PROCESS)
				if arch == auditArch && high == 0 && number >= 0 && slices.Contains(calls, uint32(number)) {
					want = unix.SECCOMP_RET_ALLOW
				}
				if r.Value != want {
					t.Errorf("call %#x of %#x: %#x, want %#x", number|high, arch, r.Value, want)
				}
			}
		}
	}
}

// The capability goes before the filter comes, and both before anything is read.
func TestTheHelperIsConfinedBeforeItServes(t *testing.T) {
	l := steps.New()
	l.Program()
	Offer{Descriptor: 3, Pipe: [2]int{4, 5}, LastCapability: 40, Seccomp: true, Origin: -1}.Steps(l)
	var got []string
	for _, s := range l.Steps {
		if s.Process == "helper" {
			got = append(got, s.Text())
		}
	}
	want := []string{"socket, empty root and report pipe are all that it has", "a process group of its own", "still die with the parent",
		"not dumpable", "bounding set empty", "securebits locked", "none but CAP_SYS_CHROOT", "no new privileges", "filter of 13 instructions", "report pipe"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
