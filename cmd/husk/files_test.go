package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const untidy = "profile   \"a\" {\ninherits=[\"base\"] # why\n}\n"

const tidy = "profile \"a\" {\n  inherits = [\"base\"] # why\n}\n"

func TestFmt(t *testing.T) {
	w := newWorld(t)
	file := w.profile("a.hcl", untidy)
	good := w.profile("b.hcl", "# nothing\n")
	if status := w.husk("fmt", "--check"); status != 1 || w.out.String() != file+"\n" {
		t.Errorf("--check: status %d, %q", status, w.out.String())
	}
	if status := w.husk("fmt", "--diff", file, good); status != 1 || !strings.Contains(w.out.String(), "-inherits=[\"base\"] # why\n+profile \"a\" {\n+  inherits = [\"base\"] # why\n") {
		t.Errorf("--diff: status %d, %q", status, w.out.String())
	}
	if text, _ := os.ReadFile(file); string(text) != untidy {
		t.Error("--check or --diff wrote the file")
	}
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	link := w.home + "/link.hcl"
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	w.ok("fmt", link)
	fi, err := os.Lstat(link)
	if text, _ := os.ReadFile(file); string(text) != tidy || err != nil || fi.Mode()&os.ModeSymlink == 0 {
		t.Errorf("got %q, %v", text, err)
	}
	if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", fi.Mode(), err)
	}
	w.ok("fmt")
	w.ok("fmt", "--check")
	w.profile("bad.hcl", "profile {\n")
	w.fails(1, []string{"bad.hcl:1"}, "fmt")
	if out, _ := os.ReadFile(w.home + "/.config/husk/profiles/bad.hcl"); string(out) != "profile {\n" {
		t.Errorf("a broken file was written: %q", out)
	}
}

func TestFmtStream(t *testing.T) {
	w := newWorld(t)
	w.stdin = strings.NewReader(untidy)
	if out := w.ok("fmt", "-"); out != tidy {
		t.Errorf("got %q", out)
	}
	w.stdin = strings.NewReader("profile {")
	w.fails(1, []string{"standard input"}, "fmt", "-")
	w.fails(2, []string{"- stands alone"}, "fmt", "-", "x")
}

func TestInit(t *testing.T) {
	w := newWorld(t)
	if out := w.ok("init", "bash"); out != "eval \"$(husk hook bash)\"\n" {
		t.Errorf("standard output has %q", out)
	}
	file := w.home + "/.config/husk/profiles/first.hcl"
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), `profile "npm"`) {
		t.Fatalf("%s, %v", text, err)
	}
	w.ok("check")
	w.ok("fmt", "--check")
	w.ok("apply")
	w.write(file, "# mine\n", 0o644)
	if out := w.ok("init", "fish"); out != "husk hook fish | source\n" {
		t.Errorf("standard output has %q", out)
	}
	if text, _ := os.ReadFile(file); string(text) != "# mine\n" {
		t.Error("a profile of the user's was overwritten")
	}
	if out := w.ok("init"); out != "" || !strings.Contains(w.err.String(), `no start-up line for the shell "sh"`) {
		t.Errorf("%q, %q", out, w.err.String())
	}
}

// Each starter is a file that check and fmt have nothing to say about.
func TestStarters(t *testing.T) {
	for _, starter := range []string{starterNPM, starterCurl, starterNothing} {
		w := newWorld(t)
		w.profile("first.hcl", starterHead+starter)
		w.ok("check")
		if w.err.Len() > 0 {
			t.Errorf("%s", w.err.String())
		}
		w.ok("fmt", "--check")
	}
}

func TestTrust(t *testing.T) {
	w := newWorld(t)
	file := w.write(w.home+"/project/.husk.hcl", "profile \"curl\" {\n  filesystem { hide = [\"${project}/.env\"] }\n}\n", 0o644)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	is := func(content string) bool {
		t.Helper()
		yes, err := w.isTrusted(file, []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	if is(string(content)) {
		t.Error("trusted from the start")
	}
	w.ok("trust", ".husk.hcl")
	if !is(string(content)) || is(string(content)+" ") {
		t.Error("trust is not in exactly this content")
	}
	if fi, err := os.Stat(w.home + "/.local/state/husk/trust.json"); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", fi, err)
	}
	w.ok("trust", "--revoke", ".husk.hcl")
	if is(string(content)) {
		t.Error("still trusted")
	}
	w.fails(1, []string{"was not trusted"}, "trust", "--revoke", ".husk.hcl")
	w.fails(1, []string{"only a project's .husk.hcl"}, "trust", w.write(w.home+"/project/x.hcl", "", 0o644))
	w.write(file, "profile {", 0o644)
	w.fails(1, []string{".husk.hcl:1"}, "trust", file)
	w.write(w.home+"/.local/state/husk/trust.json", `{"version":1,"files":{},"x":1}`, 0o600)
	w.fails(1, []string{"trust.json is damaged", "remove it"}, "trust", "--revoke", file)
}

func TestManPages(t *testing.T) {
	w := newWorld(t)
	dir := w.home + "/man"
	w.ok("man", dir)
	for _, name := range []string{"husk", "husk-apply", "husk-why", "husk-run"} {
		text, err := os.ReadFile(dir + "/" + name + ".1")
		if err != nil || !strings.HasPrefix(string(text), ".TH ") || !strings.Contains(string(text), ".SH NAME\n"+strings.ReplaceAll(name, "-", `\-`)+` \- `) {
			t.Errorf("%s: %.200s, %v", name, text, err)
		}
	}
	if _, err := os.Stat(dir + "/husk-man.1"); err == nil {
		t.Error("a hidden command has a page")
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		cannotRun(t, err.Error())
	}
	pages, err := filepath.Glob(dir + "/*.1")
	if err != nil || len(pages) < 15 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	out, err := exec.Command(groff, append([]string{"-man", "-Tutf8", "-ww", "-z"}, pages...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("groff: %v: %s", err, out)
	}
}

func TestPrinter(t *testing.T) {
	w := newWorld(t)
	p := w.printer()
	p.error(hinted{errors.New("bad\x1b[31m \xff name"), "do\x07 it"})
	if got, want := w.err.String(), "husk: error: bad\\x1b[31m \uFFFD name\nhusk: hint: do\\a it\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.err.Reset()
	p.error(failed{errors.Join(errors.New("one"), hinted{errors.New("two"), "so"}), 3})
	if got, want := w.err.String(), "husk: error: one\nhusk: error: two\nhusk: hint: so\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := oneLine("a\nb\t\u202ec"), `a\nb\t\u202ec`; got != want {
		t.Errorf("one line: %q, want %q", got, want)
	}
	if p.colour || p.paint(red, "x") != "x" {
		t.Error("colour without a terminal")
	}
	if (&printer{colour: true}).paint(red, "x") != "\x1b[31mx\x1b[0m" {
		t.Error("no colour where it is on")
	}
	if err := p.table([][]string{{"A", "B"}, {"long", "x"}, {"é", ""}}); err != nil || !strings.HasSuffix(w.err.String(), "A     B\nlong  x\né\n") {
		t.Errorf("table: %q, %v", w.err.String(), err)
	}
}
