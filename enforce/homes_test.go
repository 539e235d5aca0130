package enforce

import (
	"os"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// There is no way back to a shared directory where the session directory can't
// be made: nothing starts.
func TestNoSessionDirectoryNoStart(t *testing.T) {
	w := newShell(t, "echo ran")
	cmd := w.wrapper()
	for i, v := range cmd.Env {
		if strings.HasPrefix(v, "TMPDIR=") {
			cmd.Env[i] = "TMPDIR=/sys" // root's, and nobody makes a directory there
		}
	}
	e := w.run(cmd)
	if e.status.ExitStatus() != 125 || e.out != "" || !strings.Contains(e.err, "husk: error: cannot make the session directory: /sys/husk-") ||
		!strings.Contains(e.err, "husk: hint: ") {
		t.Errorf("status %#x, %q\n%s", e.status, e.out, e.err)
	}
}

// A persistent home keeps what the program writes, apart from the user's home,
// and shows what is granted below home in its place.
func TestPersistentHome(t *testing.T) {
	w := newShell(t, `cat $HOME/kept 2>/dev/null || echo new; echo old >$HOME/kept; cat $HOME/.npmrc; cat $HOME/secret 2>/dev/null || echo no secret`)
	w.plan.Home.Mode = plan.HomePersistent
	w.plan.Filesystem.Read = rules(home(".npmrc"))
	w.file("home/u/.npmrc", "home/u/secret")
	for _, want := range []string{"new\nxno secret\n", "old\nxno secret\n"} {
		if e := w.run(w.wrapper()); e.status != 0 || e.out != want {
			t.Fatalf("status %#x, %q, want %q\n%s", e.status, e.out, want, e.err)
		}
	}
	if _, err := os.Lstat(w.Home + "/kept"); err == nil {
		t.Error("it was written to the user's home")
	}
	own := w.Home + "/.local/state/husk/homes/p"
	if text, err := os.ReadFile(own + "/kept"); err != nil || string(text) != "old\n" {
		t.Errorf("%s/kept: %q, %v", own, text, err)
	}
	info, err := os.Stat(own)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// A private home is gone with the session, and nothing of the user's is in it
// but what is granted.
func TestPrivateHome(t *testing.T) {
	w := newShell(t, `cat $HOME/kept 2>/dev/null || echo new; echo old >$HOME/kept && cat $HOME/kept; cat $HOME/secret 2>/dev/null || echo no secret`)
	w.plan.Home.Mode = plan.HomePrivate
	w.file("home/u/secret")
	for range 2 {
		if e := w.run(w.wrapper()); e.status != 0 || e.out != "new\nold\nno secret\n" {
			t.Errorf("status %#x, %q\n%s", e.status, e.out, e.err)
		}
	}
	if _, err := os.Lstat(w.Home + "/kept"); err == nil {
		t.Error("it was written to the user's home")
	}
}

// A profile's name is part of paths on the host; one that leads elsewhere must
// not get there.
func TestProfileNameLeadsNowhere(t *testing.T) {
	for _, name := range []string{"../../../../evil", "a/b", ".", ".."} {
		w := newShell(t, "echo ran; echo x >$HOME/x")
		w.plan.Home.Mode = plan.HomePersistent
		cmd := w.wrapper()
		text, err := os.ReadFile(w.root + "/wrapper")
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.Replace(string(text), `"profile": "p"`, `"profile": "`+name+`"`, 1))
		if err := os.WriteFile(w.root+"/wrapper", text, 0o700); err != nil {
			t.Fatal(err)
		}
		e := w.run(cmd)
		if e.status.ExitStatus() != 125 || e.out != "" {
			t.Errorf("profile %q: status %#x, %q\n%s", name, e.status, e.out, e.err)
		}
		for _, path := range []string{w.Home + "/evil", w.root + "/evil", w.Home + "/.local/state/husk/x"} {
			if _, err := os.Lstat(path); err == nil {
				t.Errorf("profile %q made %s", name, path)
			}
		}
	}
}
