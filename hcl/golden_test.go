package hcl

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

var update = flag.Bool("update", false, "write the expected output of golden tests anew")

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update writes it anew)\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// fakeSyscalls knows a few calls.
type fakeSyscalls struct{}

func (fakeSyscalls) Check(s plan.Syscalls) []SyscallProblem {
	var found []SyscallProblem
	known := []string{"ptrace", "socket", "openat", "@mount"}
	for _, l := range s.Lists {
		for _, name := range l.Names {
			if DidYouMean(name, known) != "" && nearest(name, known) != name {
				found = append(found, SyscallProblem{Origin: l.Origin, Summary: "unknown system call \"" + name + "\"", Detail: "there is none" + DidYouMean(name, known)})
			}
		}
	}
	return found
}

func testOptions(dir string) Options {
	return Options{
		ProfilesDir: dir, User: "ann", UID: 1000, Home: "/home/ann", Syscalls: fakeSyscalls{},
		Reserved: []plan.PathRule{
			{Path: plan.Path{Anchor: plan.AnchorHome, Path: ".config/husk/profiles"}},
			{Path: plan.Path{Anchor: plan.AnchorRoot, Path: "/home/ann/.local/share/husk/bin"}},
		},
	}
}

// writeFiles makes a directory of profile files.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// text gives diagnostics as a person sees them.
func text(t *testing.T, d Diagnostics) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteDiagnostics(&out, d, false, 100); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Every file in testdata/diagnostics is a profile directory of its own; beside
// it stands what husk check says about it.
func TestDiagnostics(t *testing.T) {
	files, err := filepath.Glob("testdata/diagnostics/*.hcl*")
	if err != nil || len(files) == 0 {
		t.Fatal("no test data", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := filepath.Abs(strings.TrimSuffix(strings.TrimSuffix(file, ".json"), ".hcl") + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			t.Chdir(writeFiles(t, map[string]string{name: string(src)}))
			p, _ := Load(testOptions("."))
			found := p.Check()
			golden(t, want, []byte(text(t, found)))
			if strings.HasPrefix(name, "fine_") != (len(found.List) == 0) {
				t.Errorf("files whose name begins with fine_ have no diagnostics, all others some:\n%s", text(t, found))
			}
		})
	}
}

// The four kinds of mistakes of one file come out in one run.
func TestFourAtOnce(t *testing.T) {
	src, err := os.ReadFile("testdata/diagnostics/four_at_once.hcl")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := Load(testOptions(writeFiles(t, map[string]string{"four.hcl": string(src)})))
	if n := p.Check().Errors(); n != 4 {
		t.Errorf("%d errors, want 4", n)
	}
	if got, d := p.Resolve("four", ""); got != nil || !d.HasErrors() {
		t.Error("a profile with errors gave a plan")
	}
}
