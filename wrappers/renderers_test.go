package wrappers

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// vectors are argument vectors that every renderer has to pass on unchanged.
func vectors() map[string][]string {
	many := make([]string, 100_000)
	for i := range many {
		many[i] = "a"
	}
	return map[string][]string{
		"none":        {},
		"empty":       {"", "a", "", ""},
		"blanks":      {"a b", "  ", "\t", " lead", "trail "},
		"newlines":    {"a\nb", "\n", "\r\n"},
		"quotes":      {`'`, `"`, `\`, `\'`, `it's "so"`, "`id`", "$(id)", "$HOME", "${x}", `\\`},
		"shell":       {"*", "?", "[a]", "~", "#", "&", ";", "|", ">x", "!", "--", "-n", "a=b", "{a,b}", "(x)"},
		"not UTF-8":   {"\xff\xfe", "a\x80b", "\xc3\x28"},
		"control":     {"\x01\x1b[31m", "\x7f"},
		"100,000":     many,
		"one is long": {strings.Repeat("x", 100_000)},
	}
}

// setUp is one way of having a wrapper and of calling it.
type setUp struct {
	name     string
	renderer func(t *testing.T, base string) Renderer
	// wrapper is relative to the wrapper directory, "" for a function.
	wrapper string
	// through is a shell that sources that file of the wrapper directory.
	through, source string
}

func setUps() []setUp {
	builtIn := func(name string) func(*testing.T, string) Renderer {
		return func(t *testing.T, _ string) Renderer {
			r, err := Select(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	return []setUp{
		{name: "exec", renderer: builtIn("exec"), wrapper: "my-tool"},
		{name: "sh", renderer: builtIn("sh"), wrapper: "my-tool"},
		{name: "nix", renderer: func(_ *testing.T, base string) Renderer { return nixRenderer{store: base} }, wrapper: "bin/my-tool"},
		{name: "external", renderer: func(t *testing.T, base string) Renderer {
			play(t, base+"/renderers", externalPrefix+"test")
			r, err := Select("test", []string{"relative", base + "/renderers"})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}, wrapper: "my-tool"},
		{name: "function in bash", renderer: builtIn("function"), through: "bash", source: "husk-functions.sh"},
		{name: "function in zsh", renderer: builtIn("function"), through: "zsh", source: "husk-functions.sh"},
		{name: "function in dash", renderer: builtIn("function"), through: "dash", source: "husk-functions.sh"},
		{name: "function in fish", renderer: builtIn("function"), through: "fish", source: "husk-functions.fish"},
	}
}

// command gives the call of the wrapped command with these arguments.
func (s setUp) command(t *testing.T, dir string, args []string) *exec.Cmd {
	t.Helper()
	if s.through == "" {
		return exec.Command(filepath.Join(dir, s.wrapper), args...)
	}
	shell, err := exec.LookPath(s.through)
	if err != nil {
		cannotRun(t, err.Error())
	}
	loader := filepath.Join(dir, s.source)
	if s.through == "fish" {
		return exec.Command(shell, append([]string{"--no-config", "-c", "source $argv[1]; my_tool $argv[2..]", loader}, args...)...)
	}
	script := `. "$0"; my_tool "$@"`
	if s.through == "bash" { // its "." takes time by the square of the number of arguments
		script = `all=("$@"); set --; . "$0"; my_tool "${all[@]}"`
	}
	return exec.Command(shell, append([]string{"-c", script, loader}, args...)...)
}

func TestRenderersPassArguments(t *testing.T) {
	for _, s := range setUps() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			base := tempDir(t)
			enforcer := play(t, base+"/libexec", enforcerName)
			dir := filepath.Join(base, "wrapper's directory", "with \"blanks\"")
			p := newPlan("my-tool")
			if s.through != "" {
				p = newPlan("my_tool")
			}
			p.Program.Path = base + "/libexec/program"
			o := Options{Directory: dir, Renderer: s.renderer(t, base), Enforcer: enforcer, Version: "1"}
			if _, err := Apply(o, []*plan.Plan{p}); err != nil {
				t.Fatal(err)
			}
			for name, args := range vectors() {
				t.Run(name, func(t *testing.T) { s.checkArguments(t, dir, p.Command, args) })
			}
		})
	}
}

func (s setUp) checkArguments(t *testing.T, dir, command string, args []string) {
	cmd := s.command(t, dir, args)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	text, err := os.ReadFile(got[0])
	if err != nil {
		t.Fatal(err)
	}
	if p, err := plan.Decode(text); err != nil || p.Command != command {
		t.Fatalf("the enforcer got %s, which is no plan for %s: %v", got[0], command, err)
	}
	if !slices.Equal(got[1:], args) {
		t.Errorf("arguments changed: got %.200q, want %.200q", got[1:], args)
	}
}

func TestRenderingIsRepeatable(t *testing.T) {
	for _, s := range setUps()[:4] {
		t.Run(s.name, func(t *testing.T) {
			base := tempDir(t)
			r := s.renderer(t, base)
			p := newPlan("my-tool")
			p.Program.Path = base + "/program"
			j := Job{Plan: p, Enforcer: base + "/" + enforcerName, Directory: base + "/bin", Version: "1"}
			a, err := render(r, j)
			if err != nil {
				t.Fatal(err)
			}
			b, err := render(r, j)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Files) == 0 || !slices.EqualFunc(a.Files, b.Files, func(x, y File) bool {
				return x.Name == y.Name && x.Mode == y.Mode && bytes.Equal(x.Content, y.Content)
			}) {
				t.Errorf("two renderings differ")
			}
		})
	}
}

func TestExecHead(t *testing.T) {
	p := newPlan("npm")
	p.Program.Path = "/home/u/a\n#b"
	r, err := render(execRenderer{}, Job{Plan: p, Enforcer: "/usr/bin/husk-enforce", Directory: "/d", Version: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(r.Files[0].Content), "\n")
	want := []string{
		"#!/usr/bin/husk-enforce",
		"# husk wrapper for npm (renderer exec, husk 1.2)",
		"# profile:  npm, from /home/u/.config/husk/profiles/x.hcl",
		`# starts:   "/home/u/a\n#b"`,
	}
	if !slices.Equal(lines[:4], want) {
		t.Errorf("got %q, want %q", lines[:4], want)
	}
}

func TestExecFallsBackToSh(t *testing.T) {
	for name, c := range map[string]struct {
		enforcer string
		script   bool
	}{
		"253 bytes fit": {"/" + strings.Repeat("x", 252), false},
		"254 don't":     {"/" + strings.Repeat("x", 253), true},
		"a blank":       {"/opt/my tools/husk-enforce", true},
		"a tab":         {"/opt/my\ttools/husk-enforce", true},
		"a line break":  {"/opt/my\ntools/husk-enforce", true},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := render(execRenderer{}, Job{Plan: newPlan("npm"), Enforcer: c.enforcer, Directory: "/d", Version: "1"})
			if err != nil {
				t.Fatal(err)
			}
			if script := bytes.HasPrefix(r.Files[0].Content, []byte("#!/bin/sh\n")); script != c.script || script != (r.Note != "") {
				t.Errorf("script: %v, want %v; note %q", script, c.script, r.Note)
			}
		})
	}
}

// The kernel itself is asked where its bound is.
func TestLongestFirstLine(t *testing.T) {
	base := tempDir(t)
	for _, length := range []int{maxFirstLine - 3, maxFirstLine - 2} {
		pad := length - len(base) - len("/"+"/"+enforcerName)
		dir := filepath.Join(base, strings.Repeat("d", pad))
		enforcer := play(t, dir, enforcerName)
		if len(enforcer) != length {
			t.Fatalf("the path has %d bytes, want %d", len(enforcer), length)
		}
		bin := filepath.Join(dir, "bin")
		report, err := Apply(Options{Directory: bin, Renderer: execRenderer{}, Enforcer: enforcer, Version: "1"}, []*plan.Plan{newPlan("tool")})
		if err != nil {
			t.Fatal(err)
		}
		if fits := length == maxFirstLine-3; fits != (len(report.Notes) == 0) {
			t.Errorf("%d bytes: notes %q", length, report.Notes)
		}
		out, err := exec.Command(filepath.Join(bin, "tool"), "x").Output()
		if err != nil || !bytes.HasSuffix(out, []byte("\x00x\x00")) {
			t.Errorf("%d bytes: %q, %v", length, out, err)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	good := Job{Plan: newPlan("npm"), Enforcer: "/e", Directory: "/d", Version: "1"}
	if _, err := render(execRenderer{}, good); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "-x", ".husk-lock", "a\nb", "a\x00", "\xff", "husk", "husk-enforce", strings.Repeat("n", 201)} {
		j := good
		j.Plan = newPlan(name)
		if _, err := render(execRenderer{}, j); err == nil {
			t.Errorf("the command %q was rendered", name)
		}
	}
	for _, j := range []Job{
		{Plan: newPlan("npm"), Enforcer: "e", Directory: "/d"},
		{Plan: newPlan("npm"), Enforcer: "/e", Directory: "d"},
	} {
		if _, err := render(execRenderer{}, j); err == nil {
			t.Errorf("rendered with a relative path: %+v", j)
		}
	}
	if _, err := render(nixRenderer{store: "/nix/store"}, good); err == nil || !strings.Contains(err.Error(), "not in /nix/store") {
		t.Errorf("the nix renderer took a program outside the store: %v", err)
	}
}

// Names that are no POSIX function names become aliases.
func TestFunctionAliases(t *testing.T) {
	shell, err := exec.LookPath("bash")
	if err != nil {
		cannotRun(t, err.Error())
	}
	base := tempDir(t)
	enforcer := play(t, base+"/with blank", enforcerName)
	dir := base + "/it's"
	if _, err := Apply(Options{Directory: dir, Renderer: functionRenderer{}, Enforcer: enforcer, Version: "1"},
		[]*plan.Plan{newPlan("g++"), newPlan("gcc")}); err != nil {
		t.Fatal(err)
	}
	script := "shopt -s expand_aliases\nalias gcc='false gcc'\n. \"$1\"\ng++ 'a b'\neval 'gcc c'\n"
	out, err := exec.Command(shell, "-c", script, "sh", dir+"/husk-functions.sh").CombinedOutput()
	want := dir + "/.husk-plans/g++.plan\x00a b\x00" + dir + "/.husk-plans/gcc.plan\x00c\x00"
	if err != nil || string(out) != want {
		t.Errorf("got %q, %v; want %q", out, err, want)
	}
}
