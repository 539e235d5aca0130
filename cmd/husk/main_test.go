package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// TestMain lets the test binary be husk, under that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "husk" {
		os.Exit(realMain(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// world is a made-up user: a home directory, tools on PATH, husk and its enforcer.
type world struct {
	*app
	t        *testing.T
	home     string
	out, err bytes.Buffer
	started  *started // what the last run executed
}

// started is one execve.
type started struct {
	path string
	argv []string
	plan *plan.Plan
}

var errStarted = errors.New("started")

// newWorld makes one with the tools npm, npx, node and curl.
func newWorld(t *testing.T) *world {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, home: base + "/home/ann"}
	for _, tool := range []string{"npm", "npx", "node", "curl"} {
		w.write(base+"/tools/"+tool, "#!/bin/sh\n", 0o755)
	}
	husk := w.write(base+"/install/husk", "", 0o755)
	w.write(base+"/install/husk-enforce", "", 0o755)
	w.write(w.home+"/project/.git/HEAD", "", 0o644)
	w.app = &app{
		stdin: strings.NewReader(""), stdout: &w.out, stderr: &w.err,
		systemProfiles: base + "/etc/husk/profiles",
		host: host{
			environ:    []string{"HOME=" + w.home, "PATH=" + w.home + "/.local/share/husk/bin:" + base + "/tools:/usr/bin:/bin", "USER=ann", "SHELL=/bin/sh"},
			uid:        os.Geteuid(),
			cwd:        w.home + "/project",
			executable: husk,
		},
	}
	w.probe = func() []kernel.Feature { return []kernel.Feature{{Name: "everything", Available: true}} }
	w.execve = func(path string, argv, _ []string) error {
		text, err := os.ReadFile(argv[1])
		if err != nil {
			return err
		}
		p, err := plan.Decode(text)
		w.started = &started{path, argv, p}
		return errors.Join(errStarted, err)
	}
	return w
}

// write makes a file with its directories.
func (w *world) write(path, content string, mode os.FileMode) string {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// profile writes a profile file of the user's.
func (w *world) profile(name, content string) string {
	w.t.Helper()
	return w.write(w.home+"/.config/husk/profiles/"+name, content, 0o644)
}

// profileText is a profile that inherits from base, with these lines.
func profileText(name string, lines ...string) string {
	return "profile \"" + name + "\" {\n  inherits = [\"base\"]\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// bin is a path in the wrapper directory.
func (w *world) bin(name string) string { return w.home + "/.local/share/husk/bin/" + name }

// husk runs a command line and gives its exit status.
func (w *world) husk(args ...string) int {
	w.t.Helper()
	w.out.Reset()
	w.err.Reset()
	w.started = nil
	return w.main(args)
}

// ok runs a command line that has to succeed and gives its standard output.
func (w *world) ok(args ...string) string {
	w.t.Helper()
	if got := w.husk(args...); got != 0 {
		w.t.Fatalf("husk %q: status %d\n%s", args, got, w.err.String())
	}
	return w.out.String()
}

// fails runs a command line that has to end with that status and say these words
// on standard error.
func (w *world) fails(want int, says []string, args ...string) {
	w.t.Helper()
	if got := w.husk(args...); got != want {
		w.t.Errorf("husk %q: status %d, want %d\n%s%s", args, got, want, w.out.String(), w.err.String())
	}
	for _, s := range says {
		if !strings.Contains(w.err.String(), s) {
			w.t.Errorf("husk %q: standard error lacks %q:\n%s", args, s, w.err.String())
		}
	}
}

// installed reads the plan of a wrapper.
func (w *world) installed(name string) *plan.Plan {
	w.t.Helper()
	text, err := os.ReadFile(w.bin(name))
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := plan.Decode(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// decode reads JSON strictly into v.
func decode(t *testing.T, text string, v any) {
	t.Helper()
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func TestWrongCalls(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		status int
		says   string
		args   []string
	}{
		{2, `there is no command "aply"`, []string{"aply"}},
		{2, "did you mean husk apply?", []string{"aply"}},
		{2, `there is no command "aply"`, []string{"help", "aply"}},
		{2, "unknown flag: --nope", []string{"apply", "--nope"}},
		{2, "see husk apply --help", []string{"apply", "--nope"}},
		{2, "usage: husk diff A B", []string{"diff", "a"}},
		{2, "usage: husk trust", []string{"trust"}},
		{2, "husk home open cannot be called with 0 arguments", []string{"home", "open"}},
		{2, "husk list cannot be called with 1 argument", []string{"list", "extra"}},
		{2, "--set takes name=value", []string{"list", "--set", "x"}},
		{2, "--format is text or json", []string{"check", "--format", "xml"}},
		{2, "invalid argument \"tcsh\"", []string{"hook", "tcsh"}},
		{2, `there is no kind "delete"`, []string{"why", "npm", "delete", "/x"}},
		{125, "run needs a profile and a command", []string{"run"}},
		{125, "run needs -- before the command", []string{"run", "npm", "npm"}},
		{125, "run needs a command after --", []string{"run", "npm", "--"}},
		{125, "run takes one profile before --", []string{"run", "npm", "x", "--", "true"}},
		{125, "unknown flag: --nope", []string{"run", "--nope", "npm", "--", "true"}},
		{125, `unknown profile "nmp"`, []string{"run", "nmp", "--", "true"}},
		{125, "is not HOST:PORT", []string{"run", "base", "--connect", "x", "--", "true"}},
		{1, "no such file", []string{"list", "--profiles", "/no/such/directory"}},
		{1, `there is no profile and no wrapped command "nope"`, []string{"explain", "nope"}},
		{2, "--json and --steps exclude each other", []string{"explain", "curl", "--json", "--steps"}},
	} {
		w.fails(c.status, []string{"husk: error: ", c.says}, c.args...)
		if w.out.Len() > 0 {
			t.Errorf("%q: standard output has %q", c.args, w.out.String())
		}
	}
}

// Every message keeps the voice that printer.go describes.
func TestVoice(t *testing.T) {
	w := newWorld(t)
	w.profile("x.hcl", profileText("x", `commands = ["no-such-tool"]`))
	for _, args := range [][]string{
		{"apply"}, {"apply", "--library", "nope"}, {"aply"}, {"explain", "nope"}, {"run"}, {"run", "nope", "--", "true"}, {"trust", "/x"},
		{"doctor"}, {"check", "--format", "x"}, {"apply", "--enforcer", "/no/enforcer"}, {"apply", "--renderer", "nope"},
	} {
		w.husk(args...)
		for line := range strings.Lines(w.err.String()) {
			line = strings.TrimSuffix(line, "\n")
			kind, text, found := strings.Cut(strings.TrimPrefix(line, "husk: "), ": ")
			if !strings.HasPrefix(line, "husk: ") || !found {
				t.Errorf("%q: the line %q has no head", args, line)
				continue
			}
			if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "!") {
				t.Errorf("%q: %s ends with a full stop: %q", args, kind, text)
			}
			if first := text[:1]; first != strings.ToLower(first) && !strings.HasPrefix(text, "PATH") && !strings.HasPrefix(text, "HOME") {
				t.Errorf("%q: %s begins with a capital: %q", args, kind, text)
			}
		}
	}
}

func TestHelpNamesNoMissingCommand(t *testing.T) {
	w := newWorld(t)
	help := w.ok("--help")
	for _, c := range []string{"init", "apply", "run", "shell", "list", "check", "explain", "diff", "why", "fmt", "trust", "log", "gc", "home", "doctor", "hook", "completion", "version"} {
		if !strings.Contains(help, "\n  "+c+" ") {
			t.Errorf("help lacks %s", c)
		}
		if text := w.ok(c, "--help"); !strings.Contains(text, "husk "+c) {
			t.Errorf("the help of %s is %q", c, text)
		}
	}
	for _, c := range []string{"learn", "supervise", "man"} {
		if strings.Contains(help, "\n  "+c+" ") {
			t.Errorf("help has %s", c)
		}
	}
}

func TestVersion(t *testing.T) {
	if got := newWorld(t).ok("version"); !strings.HasPrefix(got, "husk "+version()+" (go") {
		t.Errorf("got %q", got)
	}
}
