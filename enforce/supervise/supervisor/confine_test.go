package supervisor

import (
	"testing"

	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/seccomptest"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// The supervisor's own filter is what a naive reading of its policy says, and that
// starts no process and no program.
func TestOwnFilter(t *testing.T) {
	for _, goarch := range table.Architectures() {
		policy := callsFor(goarch)
		if _, err := seccomptest.Compare(policy, goarch, 3); err != nil {
			t.Error(err)
		}
		policy.Arch = goarch
		const thread, process = 0x3d0f00, 17
		for _, c := range []struct {
			call      string
			args      [6]uint64
			permitted bool
		}{
			{"clone", [6]uint64{thread}, true}, {"clone", [6]uint64{process}, false}, {"clone3", [6]uint64{}, false},
			{"execve", [6]uint64{}, false}, {"execveat", [6]uint64{}, false}, {"fork", [6]uint64{}, false}, {"vfork", [6]uint64{}, false},
			{"ptrace", [6]uint64{}, false}, {"process_vm_readv", [6]uint64{}, false}, {"pidfd_getfd", [6]uint64{}, false},
			{"connect", [6]uint64{}, true}, {"write", [6]uint64{}, true},
		} {
			v, err := seccomp.Explain(policy, c.call)
			if err != nil {
				t.Fatal(err)
			}
			if got, exists := v.For(c.args); exists && got.Permits() != c.permitted {
				t.Errorf("%s on %s: %s", c.call, goarch, got)
			}
		}
	}
}
