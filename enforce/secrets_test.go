package enforce

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// secret reads the one secret of a plan; the error's text is in its place where
// there is one.
func (w *world) secret(s plan.Secret) (value, problem string) {
	w.t.Helper()
	s.Name = "TOKEN"
	w.plan.Environment.Secrets = []plan.Secret{s}
	start := &start{plan: w.plan, anchors: w.anchors(), flags: cloneFlags(w.plan)}
	if err := start.readSecrets(); err != nil {
		if start.secrets != nil {
			w.t.Errorf("an error, and secrets: %v", err)
		}
		return "", err.Error()
	}
	return start.secrets[0][1], ""
}

// secretFile reads the secret in home/u/NAME.
func (w *world) secretFile(name string) (value, problem string) {
	w.t.Helper()
	return w.secret(plan.Secret{File: &plan.Path{Anchor: plan.AnchorHome, Path: name}})
}

func (w *world) put(name, content string, mode os.FileMode) string {
	w.t.Helper()
	file := filepath.Join(w.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), mode); err != nil {
		w.t.Fatal(err)
	}
	return file
}

func TestSecretValues(t *testing.T) {
	long := strings.Repeat("x", maxSecret)
	for name, c := range map[string]struct{ content, value, problem string }{
		"a line":               {"hunter2\n", "hunter2", ""},
		"no line's end":        {"hunter2", "hunter2", ""},
		"another system's":     {"hunter2\r\n", "hunter2", ""},
		"several":              {"hunter2\n\n\n", "hunter2", ""},
		"lines":                {"-----BEGIN\nabc\n-----END\n", "-----BEGIN\nabc\n-----END", ""},
		"spaces stay":          {" a b \n", " a b ", ""},
		"an equals sign":       {"a=b", "a=b", ""},
		"the longest":          {long + "\r\n", long, ""},
		"a byte more":          {long + "x", "", "larger than 65536 bytes"},
		"a byte more and ends": {long + "x\n", "", "larger than 65536 bytes"},
		"far more":             {strings.Repeat(long, 8), "", "larger than 65536 bytes"},
		"nothing":              {"", "", "is empty"},
		"only a line's end":    {"\n", "", "is empty"},
		"a NUL":                {"hunter\x002", "", "NUL"},
		"a NUL at the end":     {"hunter2\x00\n", "", "NUL"},
	} {
		w := newWorld(t)
		w.put("home/u/token", c.content, 0o600)
		value, problem := w.secretFile("token")
		if value != c.value || !strings.Contains(problem, c.problem) || (c.problem == "") != (problem == "") {
			t.Errorf("%s: %.40q, problem %q", name, value, problem)
		}
		if strings.Contains(problem, "hunter") {
			t.Errorf("%s: the problem tells the secret: %s", name, problem)
		}
	}
}

func TestSecretFiles(t *testing.T) {
	w := newWorld(t)
	w.put("home/u/dotfiles/token", "a\n", 0o600)
	for link, target := range map[string]string{"link": "hop", "hop": "dotfiles/token", "lost": "nowhere", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(w.Home, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Mkfifo(filepath.Join(w.Home, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, problem := range map[string]string{
		"dotfiles/token": "", "link": "",
		"missing": "missing does not exist", "lost": "lost does not exist", "loop": "too many symbolic links",
		"fifo": "not a regular file", "dotfiles": "not a regular file", "dotfiles/token/x": "does not exist",
	} {
		value, got := w.secretFile(name)
		if !strings.Contains(got, problem) || (problem == "") != (value == "a") {
			t.Errorf("%s: %q, problem %q, want %q", name, value, got, problem)
		}
		if got != "" && !strings.HasPrefix(got, "secret TOKEN: ") {
			t.Errorf("%s: the problem does not name the secret: %s", name, got)
		}
	}
	_, got := w.secret(plan.Secret{File: &plan.Path{Anchor: plan.AnchorEnv, Name: "NOWHERE"}})
	if !strings.Contains(got, "NOWHERE is not set") {
		t.Errorf("an unset variable: %q", got)
	}
}

func TestSecretOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give files away")
	}
	w := newWorld(t)
	file := w.put("home/u/token", "a\n", 0o600)
	if err := os.Chown(file, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if value, got := w.secretFile("token"); !strings.Contains(got, "belongs to user 12345") {
		t.Errorf("%q, problem %q", value, got)
	}
}

// A source that the program can change is none: it could have it lead to any
// other private file, or have its own code run outside.
func TestSecretsThatTheSandboxMayWrite(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(w *world)
		problem string
	}{
		"nothing is writable": {func(*world) {}, ""},
		"beside it": {func(w *world) {
			w.dir("home/u/conf2")
			w.plan.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "conf2"}}}
		}, ""},
		"the file": {func(w *world) {
			w.plan.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "store/token"}}}
		}, "the sandbox may write"},
		"its directory": {func(w *world) {
			w.plan.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "store"}}}
		}, "the sandbox may write"},
		"the link's directory": {func(w *world) {
			w.plan.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "conf"}}}
		}, "the sandbox may write"},
		"by a bind": {func(w *world) {
			w.plan.Filesystem.Bind = []plan.Bind{{From: plan.Path{Anchor: plan.AnchorHome, Path: "conf"}, To: plan.Path{Path: "/elsewhere"}, Mode: plan.ModeWrite}}
		}, "the sandbox may write"},
		"only to be read": {func(w *world) {
			w.plan.Filesystem.Read = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorHome, Path: "conf"}}}
		}, ""},
		"the whole home":    {func(w *world) { w.plan.Home.Mode = plan.HomeHost }, "the sandbox may write"},
		"home but for both": {protectBoth, ""},
		"the same without namespaces": {func(w *world) {
			protectBoth(w)
			w.plan.Degrade = []string{plan.DegradeNamespaces}
		}, "the sandbox may write"},
		"the same in the host's mount namespace": {func(w *world) {
			protectBoth(w)
			w.plan.Namespaces.Share = []string{plan.NamespaceMount}
		}, "the sandbox may write"},
	} {
		w := newWorld(t)
		w.put("home/u/store/token", "a\n", 0o600)
		w.dir("home/u/conf")
		if err := os.Symlink("../store/token", filepath.Join(w.Home, "conf/token")); err != nil {
			t.Fatal(err)
		}
		c.change(w)
		value, got := w.secretFile("conf/token")
		if !strings.Contains(got, c.problem) || (c.problem == "") != (value == "a") {
			t.Errorf("%s: %q, problem %q, want %q", name, value, got, c.problem)
		}
	}
}

func protectBoth(w *world) {
	w.plan.Home.Mode = plan.HomeHost
	w.plan.Filesystem.Protect = []plan.PathRule{
		{Path: plan.Path{Anchor: plan.AnchorHome, Path: "conf"}}, {Path: plan.Path{Anchor: plan.AnchorHome, Path: "store/token"}},
	}
}

// script writes a program and gives its path.
func (w *world) script(name, body string) string { return w.put(name, "#!/bin/sh\n"+body+"\n", 0o755) }

func TestSecretCommands(t *testing.T) {
	defer func(d time.Duration) { secretTime = d }(secretTime)
	secretTime = 2 * time.Minute
	for name, c := range map[string]struct{ body, value, problem string }{
		"prints":                    {`echo "$1-$2"`, "one-two words", ""},
		"prints nothing":            {"true", "", "is empty"},
		"fails":                     {"echo hunter2; exit 3", "", "ended with status 3"},
		"is ended":                  {"echo hunter2; kill -KILL $$", "", "ended by signal 9"},
		"too much":                  {"head -c 70000 /dev/zero | tr '\\0' x", "", "printed more than 65536 bytes"},
		"without an end":            {"exec cat /dev/zero", "", "printed more than 65536 bytes"},
		"leaves something running":  {"sleep 30 2>/dev/null & echo a", "a", ""},
		"closes its output":         {"echo a; exec >&-; sleep 0.1", "a", ""},
		"an empty standard input":   {"cat; echo end", "end", ""},
		"not where the caller is":   {"pwd", "/", ""},
		"of the environment little": {"echo $HOME_ALONE$LD_PRELOAD${HOME##*/}$XDG_RUNTIME_DIR", "u/run/x", ""},
	} {
		w := newWorld(t)
		w.Environ = []string{"HOME=" + w.Home, "PATH=/usr/bin:/bin", "HOME_ALONE=no", "LD_PRELOAD=", "XDG_RUNTIME_DIR=/run/x"}
		value, got := w.secret(plan.Secret{Command: []string{w.script("bin/ask", c.body), "one", "two words"}})
		if value != c.value || !strings.Contains(got, c.problem) || (c.problem == "") != (got == "") {
			t.Errorf("%s: %q, problem %q", name, value, got)
		}
		if strings.Contains(got, "hunter") {
			t.Errorf("%s: the problem tells the secret: %s", name, got)
		}
	}
}

func TestSecretCommandThatDoesNotEnd(t *testing.T) {
	defer func(d time.Duration) { secretTime = d }(secretTime)
	w := newWorld(t)
	pidfile := w.put("pid", "", 0o600)
	var pid []byte
	for _, seconds := range []int{1, 10, 60} { // a busy machine may not have started it by then
		secretTime = time.Duration(seconds) * time.Second
		_, got := w.secret(plan.Secret{Command: []string{w.script("bin/ask", "echo $$ >"+pidfile+"; echo hunter2; exec sleep 600")}})
		if !strings.Contains(got, "did not end within "+strconv.Itoa(seconds)+" seconds") {
			t.Errorf("problem %q", got)
		}
		if pid, _ = os.ReadFile(pidfile); len(pid) > 0 {
			break
		}
	}
	if _, err := os.Stat("/proc/" + strings.TrimSpace(string(pid)) + "/status"); len(pid) == 0 || err == nil {
		t.Errorf("process %q is still there", pid)
	}
}

func TestSecretCommandsThatTheSandboxMayWrite(t *testing.T) {
	w := newWorld(t)
	w.Environ = []string{"PATH=bin:" + w.Home + "/proj/bin:" + w.Home + "::/usr/bin:" + w.root + "/none:/bin"}
	inside, beside := w.script("home/u/proj/bin/ask", "echo a"), w.script("home/u/bin/ask", `echo "$PATH"`)
	w.plan.Filesystem.Write = []plan.PathRule{{Path: plan.Path{Anchor: plan.AnchorCwd}}}
	if value, got := w.secret(plan.Secret{Command: []string{inside}}); !strings.Contains(got, "the sandbox may write") {
		t.Errorf("in the project: %q, problem %q", value, got)
	}
	if err := os.Symlink(beside, w.Home+"/proj/link"); err != nil {
		t.Fatal(err)
	}
	if value, got := w.secret(plan.Secret{Command: []string{w.Home + "/proj/link"}}); !strings.Contains(got, "the sandbox may write") {
		t.Errorf("through a link in the project: %q, problem %q", value, got)
	}
	if value, got := w.secret(plan.Secret{Command: []string{beside}}); got != "" || value != "/usr/bin:/bin" {
		t.Errorf("beside it: PATH %q, problem %q", value, got)
	}
	if _, got := w.secret(plan.Secret{Command: []string{"ask"}}); !strings.Contains(got, "not an absolute path") {
		t.Errorf("a name: problem %q", got)
	}
	if _, got := w.secret(plan.Secret{Command: []string{w.root + "/none"}}); !strings.Contains(got, "does not exist") {
		t.Errorf("none: problem %q", got)
	}
}

// A mode that lets others read matters where they get as far as the file.
func TestOthersReach(t *testing.T) {
	w := newWorld(t)
	file := w.put("a/b/token", "a", 0o644)
	for dir := filepath.Dir(file); dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode()&0o011 == 0 && os.Chmod(dir, 0o711) == nil {
			defer os.Chmod(dir, info.Mode())
		}
	}
	if !othersReach(file) {
		t.Error("others may search every directory, and it is taken for private")
	}
	if err := os.Chmod(w.root+"/a", 0o700); err != nil {
		t.Fatal(err)
	}
	if othersReach(file) {
		t.Error("others may not search a directory, and it is taken for public")
	}
}
