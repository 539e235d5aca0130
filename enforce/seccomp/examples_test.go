package seccomp_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
)

const examples = "../../docs/examples/enter"

// The headers in the examples are what the code makes of the sets;
// "go test -run Examples -update" writes them.
func TestExamplesHoldTheSets(t *testing.T) {
	for name, set := range map[string]struct{ group, action string }{
		"buffer": {"@buffer", "trap"}, "buffer_strict": {"@buffer-strict", "trap"},
		"network": {"@network", "kill"}, "network_strict": {"@network-strict", "kill"},
	} {
		text, err := seccomp.Header(name, plan.Syscalls{
			Default: set.action, Lists: []plan.SyscallList{{Action: "allow", Names: []string{set.group}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(examples, name+".h")
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Errorf("%s is not what the code makes (%v): run go test -run Examples -update", file, err)
		}
	}
}

func TestExampleProgram(t *testing.T) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		if os.Getenv("HUSK_MUST_WORK") != "" {
			t.Fatal(err)
		}
		t.Skip("no C compiler")
	}
	program := filepath.Join(t.TempDir(), "count")
	if out, err := exec.Command(cc, "-Wall", "-Wextra", "-Werror", "-o", program, filepath.Join(examples, "count.c")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(lines, []byte("a\nb\nc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, lines).CombinedOutput(); err != nil || string(out) != "3\n" {
		t.Errorf("%v, %q", err, out)
	}
}
