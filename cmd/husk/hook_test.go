package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inShell runs a script in a real shell, with the hook's code in the file $HOOK.
// Where the shell is missing the test is skipped, unless HUSK_MUST_WORK is set.
func inShell(t *testing.T, shell, dir, path, script string) string {
	t.Helper()
	program, err := exec.LookPath(shell)
	if err != nil {
		cannotRun(t, err.Error())
	}
	file := filepath.Join(t.TempDir(), "hook")
	if err := os.WriteFile(file, []byte(hook(shell, dir, "/opt/my projects")), 0o600); err != nil {
		t.Fatal(err)
	}
	args := map[string][]string{"bash": {"--norc", "--noprofile", "-c"}, "zsh": {"-f", "-c"}, "fish": {"--no-config", "-c"}}[shell]
	cmd := exec.Command(program, append(args, script)...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + path, "HOOK=" + file, "DIR=" + dir, "TERM=dumb"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

func TestHookPutsTheDirectoryFirstOnce(t *testing.T) {
	const system = "/usr/bin:/bin"
	for _, shell := range shells {
		print := `; echo "$PATH"`
		if shell == "fish" {
			print = `; string join : $PATH`
		}
		for _, dir := range []string{"/opt/w", "/opt/with blank", "/opt/it's", "/opt/[a]*?$x", `/opt/back\slash`} {
			for before, want := range map[string]string{
				system:                                 dir + ":" + system,
				dir + ":" + system:                     dir + ":" + system,
				system + ":" + dir:                     dir + ":" + system,
				"/x:" + dir + ":" + system:             dir + ":/x:" + system,
				dir + ":" + dir + ":" + system:         dir + ":" + system,
				dir + ":/x:" + dir + ":" + system:      dir + ":/x:" + system,
				dir + "x:/x" + dir + ":" + system:      dir + ":" + dir + "x:/x" + dir + ":" + system,
				"/x:" + dir + ":" + dir + ":" + system: dir + ":/x:" + system,
			} {
				got := strings.TrimSuffix(inShell(t, shell, dir, before, `. $HOOK`+print), "\n")
				if got != want {
					t.Errorf("%s, %s: PATH=%s became %s, want %s", shell, dir, before, got, want)
				}
				if twice := inShell(t, shell, dir, before, `. $HOOK; . $HOOK`+print); strings.TrimSuffix(twice, "\n") != want {
					t.Errorf("%s, %s: twice gave %s, want %s", shell, dir, twice, want)
				}
			}
		}
	}
}

// What changes PATH while the shell runs (nvm, direnv) is put right at the next
// prompt; the status of the last command is still there for the prompt.
func TestHookAtThePrompt(t *testing.T) {
	const dir, want = "/opt/w", "/opt/w:/nvm/bin:/usr/bin:/bin status 3\n"
	for shell, script := range map[string]string{
		"bash": `. $HOOK; . $HOOK; PATH=/nvm/bin:$PATH
(exit 3); eval "${PROMPT_COMMAND[*]}"; echo "$PATH status $?"`,
		"zsh": `. $HOOK; . $HOOK; PATH=/nvm/bin:$PATH
for f in $precmd_functions; do (exit 3); $f; done; (( ${#precmd_functions} == 1 )) && echo "$PATH status 3"`,
		"fish": `. $HOOK; . $HOOK; set -gx PATH /nvm/bin $PATH; emit fish_prompt; echo (string join : $PATH) status 3`,
	} {
		if got := inShell(t, shell, dir, "/usr/bin:/bin", script); got != want {
			t.Errorf("%s: got %q, want %q", shell, got, want)
		}
	}
}

// PROMPT_COMMAND of the user's keeps working, in each of its forms.
func TestHookKeepsPromptCommand(t *testing.T) {
	for name, set := range map[string]string{
		"unset": "", "empty": "PROMPT_COMMAND=", "string": "PROMPT_COMMAND='echo mine'",
		"string with a semicolon": "PROMPT_COMMAND='echo mine;'", "array": "PROMPT_COMMAND=('echo mine' 'echo other')",
	} {
		script := set + "\n. $HOOK\n. $HOOK\nPATH=/x:$PATH\n" + `for c in "${PROMPT_COMMAND[@]}"; do eval "$c"; done; echo "$PATH"`
		got := inShell(t, "bash", "/opt/w", "/usr/bin:/bin", script)
		want := "/opt/w:/x:/usr/bin:/bin\n"
		switch {
		case strings.HasPrefix(name, "string"):
			want = "mine\n" + want
		case name == "array":
			want = "mine\nother\n" + want
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// A shell in the shell (also tmux) inherits PATH and sources the hook again.
func TestHookInNestedShells(t *testing.T) {
	for shell, script := range map[string]string{
		"bash": `. $HOOK; bash --norc -c '. $HOOK; bash --norc -c ". \$HOOK; echo \$PATH"'`,
		"zsh":  `. $HOOK; zsh -f -c '. $HOOK; zsh -f -c ". \$HOOK; echo \$PATH"'`,
		"fish": `. $HOOK; fish --no-config -c '. $HOOK; string join : $PATH'`,
	} {
		if got, want := inShell(t, shell, "/opt/w", "/usr/bin:/bin", script), "/opt/w:/usr/bin:/bin\n"; got != want {
			t.Errorf("%s: got %q, want %q", shell, got, want)
		}
	}
}

// A project's own wrapper directory stays before the user's.
func TestHookLeavesProjectsFirst(t *testing.T) {
	for _, shell := range shells {
		print := `; echo "$PATH"`
		if shell == "fish" {
			print = `; string join : $PATH`
		}
		for before, want := range map[string]string{
			"/opt/my projects/1/bin:/usr/bin:/bin":           "/opt/my projects/1/bin:/opt/w:/usr/bin:/bin",
			"/opt/my projects/1/bin:/x:/opt/w:/usr/bin:/bin": "/opt/my projects/1/bin:/opt/w:/x:/usr/bin:/bin",
			"/usr/bin:/opt/my projects/1/bin:/bin":           "/opt/w:/usr/bin:/opt/my projects/1/bin:/bin",
			"/opt/w:/opt/my projects/1/bin:/usr/bin:/bin":    "/opt/w:/opt/my projects/1/bin:/usr/bin:/bin",
			"/opt/my projects-other/bin:/usr/bin:/bin":       "/opt/w:/opt/my projects-other/bin:/usr/bin:/bin",
		} {
			if got := strings.TrimSuffix(inShell(t, shell, "/opt/w", before, `. $HOOK; . $HOOK`+print), "\n"); got != want {
				t.Errorf("%s: PATH=%s became %s, want %s", shell, before, got, want)
			}
		}
	}
}

func TestHookWithAnEmptyPath(t *testing.T) {
	for _, shell := range []string{"bash", "zsh"} {
		if got := inShell(t, shell, "/opt/w", "/usr/bin", `PATH=; . $HOOK; echo "$PATH"`); got != "/opt/w\n" {
			t.Errorf("%s: %q", shell, got)
		}
	}
}

func TestHookCommand(t *testing.T) {
	w := newWorld(t)
	if out := w.ok("hook", "bash"); !strings.Contains(out, "local dir='"+w.home+"/.local/share/husk/bin'") {
		t.Errorf("%s", out)
	}
	if out := w.ok("hook", "fish", "--bin", "rel"); !strings.Contains(out, "set -l dir '"+w.host.cwd+"/rel'") {
		t.Errorf("%s", out)
	}
	w.fails(1, []string{"can't stand on PATH"}, "hook", "bash", "--bin", "/a:b")
}
