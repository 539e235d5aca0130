package enforce

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// layersEnv tells the test binary, when it is the enforcer, which of the two
// layers for files it has: "view", "landlock", both or neither.
const layersEnv = "HUSK_ENFORCE_TEST_LAYERS"

func takeLayersAway(have string) {
	if have == "" {
		return
	}
	if !strings.Contains(have, "view") {
		buildView = func(*namespaces.View, *steps.List, bool) error { return nil }
	}
	if !strings.Contains(have, "landlock") {
		restrict = func(*start, []access) {}
	}
}

// attempt is something that a rule denies.
type attempt struct {
	rule    string // as docs/files.md calls it
	prepare func(w *world, f *plan.Filesystem)
	script  string // prints OPEN where it succeeds
	// view and landlock say whether that layer alone denies it.
	view, landlock bool
	stdin          string // a directory of the world that is passed in
}

var attempts = []attempt{
	{rule: "reading outside the grants", script: `cat $HOME/secret && echo OPEN`, view: true, landlock: true},
	{rule: "writing outside the grants", script: `echo x >$HOME/new && echo OPEN`, view: true, landlock: true},
	{rule: "writing what is granted for reading", script: `echo x >$HOME/ro/new && echo OPEN`, view: true, landlock: true},
	{rule: "renaming into and out of what is granted for reading", script: `mv $HOME/ro/file file && echo OPEN`, view: true, landlock: true},
	{rule: "executing what `execute` does not list", prepare: func(w *world, f *plan.Filesystem) { f.ExecuteOnly = true },
		script: `./tool`, view: true, landlock: true},
	{rule: "home in the host view", prepare: func(w *world, f *plan.Filesystem) { f.View = plan.ViewHost },
		script: `cat $HOME/secret && echo OPEN`, view: true, landlock: true},
	{rule: "writing the host view", prepare: func(w *world, f *plan.Filesystem) { f.View = plan.ViewHost },
		script: `echo x >$DIR/new && echo OPEN`, view: true, landlock: true},
	{rule: "names outside the grants", script: `ls $HOME | grep -q secret && echo OPEN`, view: true},
	{rule: "attributes outside the grants", script: `test -s $HOME/secret && echo OPEN`, view: true},
	{rule: "mode, times and extended attributes of what is granted for reading",
		script: `chmod 755 $HOME/ro/file && echo OPEN`, view: true},
	{rule: "`hide` inside a granted tree", prepare: func(w *world, f *plan.Filesystem) { f.Hide = rules(project("tool")) },
		script: `grep OPEN tool`, view: true},
	{rule: "`protect` inside a writable tree", prepare: func(w *world, f *plan.Filesystem) { f.Protect = rules(project("tool")) },
		script: `echo x >>tool && echo OPEN`, view: true},
	{rule: "the private /tmp", prepare: func(w *world, f *plan.Filesystem) { w.plan.Tmp.SlashTmp = plan.SlashTmpPrivate },
		script: `cat $(cat name) && echo OPEN`, view: true},
	{rule: "what lies under a `bind`, a `tmpfs` or a home of the profile's own", prepare: func(w *world, f *plan.Filesystem) {
		f.Bind = []plan.Bind{{From: home("ro"), To: home("under"), Mode: plan.ModeRead}}
	}, script: `cat $HOME/under/secret && echo OPEN`, view: true},
	{rule: "a tree behind a descriptor that is passed in", stdin: "home/u",
		script: `cat /proc/self/fd/0/secret && echo OPEN`, landlock: true},
}

// Each layer holds every rule alone, but for those that docs/files.md says only
// one can carry. Without both, every attempt succeeds.
func TestEachLayerHoldsAlone(t *testing.T) {
	for _, a := range attempts {
		t.Run(a.rule, func(t *testing.T) {
			for layers, denied := range map[string]bool{
				"neither": false, "view": a.view, "landlock": a.landlock, "view and landlock": true,
			} {
				if got := a.try(t, layers); got == denied {
					t.Errorf("with %s: open is %v", layers, got)
				}
			}
		})
	}
}

func (a *attempt) try(t *testing.T, layers string) (open bool) {
	t.Helper()
	w := newShell(t, a.script+" 2>/dev/null; true")
	w.dir("home/u/ro", "home/u/under")
	w.file("home/u/secret", "home/u/ro/file", "home/u/under/secret")
	if err := os.WriteFile(w.Cwd+"/tool", []byte("#!/bin/sh\necho OPEN\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.inSlashTmp()
	w.plan.Filesystem.Read = rules(home("ro"))
	if a.prepare != nil {
		a.prepare(w, &w.plan.Filesystem)
	}
	cmd := w.wrapper()
	cmd.Env = append(cmd.Env, layersEnv+"="+layers)
	w.passIn(cmd, a.stdin)
	e := w.run(cmd)
	if e.status != 0 {
		t.Fatalf("with %s: status %#x\n%s", layers, e.status, e.err)
	}
	return strings.Contains(e.out, "OPEN")
}

// inSlashTmp makes a file in the host's /tmp and notes its name in the project.
func (w *world) inSlashTmp() {
	f, err := os.CreateTemp("/tmp", "husk-test-")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { os.Remove(f.Name()) })
	f.Close()
	if err := os.WriteFile(w.Cwd+"/name", []byte(f.Name()), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) passIn(cmd *exec.Cmd, dir string) {
	if dir == "" {
		return
	}
	f, err := os.Open(filepath.Join(w.root, dir))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { f.Close() })
	cmd.Stdin = f
}

// The table in docs/files.md says what the test shows.
func TestLayersAsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(sourceTree(t), "docs", "files.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) == 3 && (strings.HasPrefix(cells[1], "holds") || strings.HasPrefix(cells[1], "does not")) {
			documented = append(documented, strings.TrimPrefix(cells[0], "| ")+": "+cells[1]+", "+strings.TrimSuffix(cells[2], " |"))
		}
	}
	words := map[bool]string{true: "holds", false: "does not"}
	var shown []string
	for _, a := range attempts {
		shown = append(shown, a.rule+": "+words[a.view]+", "+words[a.landlock])
	}
	if !slices.Equal(documented, shown) {
		t.Errorf("documented\n%s\nshown\n%s", strings.Join(documented, "\n"), strings.Join(shown, "\n"))
	}
}
