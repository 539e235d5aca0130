package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCompletions(t *testing.T) {
	w := newWorld(t)
	w.profile("a.hcl", profileText("mine", `commands = ["tool"]`, `description = "a tool"`))
	for _, c := range []struct {
		words []string
		want  []string
		not   []string
	}{
		{[]string{"expl"}, []string{"explain\t"}, []string{"apply\t"}},
		{[]string{"explain", ""}, []string{"mine\ta tool", "tool\tcommand of mine", "npm\t"}, nil},
		{[]string{"run", ""}, []string{"mine\ta tool"}, []string{"tool\t"}},
		{[]string{"run", "mine", ""}, nil, []string{"mine\t"}},
		{[]string{"why", "mine", ""}, []string{"read\n", "syscall\n"}, nil},
		{[]string{"apply", "--library", "npm,c"}, []string{"npm,curl\t"}, nil},
		{[]string{"apply", "--renderer", ""}, []string{"exec\n", "function\n"}, nil},
		{[]string{"check", "--format", ""}, []string{"json\n"}, nil},
		{[]string{"home", ""}, []string{"list\t", "open\t", "reset\t"}, nil},
		{[]string{"hook", ""}, []string{"bash\n", "zsh\n", "fish\n"}, nil},
		{[]string{"apply", "--dr"}, []string{"--dry-run\t"}, nil},
	} {
		out := w.ok(append([]string{"__complete"}, c.words...)...)
		for _, s := range c.want {
			if !strings.Contains("\n"+out, "\n"+s) {
				t.Errorf("%q: %q lacks %q", c.words, out, s)
			}
		}
		for _, s := range c.not {
			if strings.Contains("\n"+out, "\n"+s) {
				t.Errorf("%q: %q has %q", c.words, out, s)
			}
		}
	}
}

// Each script is taken by its shell and offers what husk offers.
func TestCompletionScripts(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(dir, "husk")); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	// In each shell "husk expl" and "husk hook " are completed as if typed.
	for shell, drive := range map[string]string{
		"bash": `source "$SCRIPT"
for line in "husk expl" "husk hook "; do
	read -ra COMP_WORDS <<<"$line"; [[ $line == *" " ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9
	__start_husk; printf '%s\n' "${COMPREPLY[@]}"
done`,
		"zsh": `compdef() { :; }; source "$SCRIPT"
_describe() { print -l -- ${(P)${@[-1]:-completions}} $completions }
for line in "husk expl" "husk hook "; do
	words=(${(z)line}); [[ $line == *" " ]] && words+=("")
	CURRENT=${#words}; _husk
done`,
		"fish": `source $SCRIPT; complete -C "husk expl"; complete -C "husk hook "`,
	} {
		program, err := exec.LookPath(shell)
		if err != nil {
			cannotRun(t, err.Error())
		}
		script := w.write(dir+"/script."+shell, w.ok("completion", shell), 0o644)
		if shell != "fish" {
			if out, err := exec.Command(program, "-n", script).CombinedOutput(); err != nil {
				t.Errorf("%s does not take the script: %v: %s", shell, err, out)
			}
		}
		args := map[string][]string{"bash": {"--norc", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"}}[shell]
		cmd := exec.Command(program, append(args, drive)...)
		cmd.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "HOME=" + w.home, "SCRIPT=" + script, "TERM=dumb"}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
		for _, want := range []string{"explain", "bash", "zsh", "fish"} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s does not offer %s: %s", shell, want, out)
			}
		}
	}
}
