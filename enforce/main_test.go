package enforce

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/plan/encode"
)

// mainEnv makes the test binary husk-enforce.
const mainEnv = "HUSK_ENFORCE_TEST_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(mainEnv) != "" {
		takeLayersAway(os.Getenv(layersEnv))
		os.Exit(Main(os.Args, os.Environ()))
	}
	// What the tests say of / and /tmp holds of no other place, and the address of a
	// unix socket has to be short (unix(7)).
	os.Setenv("TMPDIR", "/tmp")
	os.Exit(m.Run())
}

// allowAll is a filter of one instruction: return SECCOMP_RET_ALLOW.
var allowAll = []byte{0x06, 0, 0, 0, 0, 0, 0xff, 0x7f}

// newShell gives a world whose plan runs a script in the minimal view, with the
// project to write.
func newShell(t *testing.T, script string) *world {
	t.Helper()
	w := newWorld(t)
	w.plan.Program = plan.Program{Path: "/bin/sh", Args: []string{"-c", script, "sh"}}
	w.plan.Filesystem.View, w.plan.Filesystem.Write = plan.ViewMinimal, rules(project(""))
	w.plan.Syscalls.Program = allowAll
	w.plan.Environment.Pass = patterns("DIR")
	w.dir("tmp")
	return w
}

// wrapper gives the command that starts the plan as the kernel starts a
// wrapper, from the project's directory.
func (w *world) wrapper(args ...string) *exec.Cmd {
	w.t.Helper()
	text, err := encode.Plan(w.plan)
	if err != nil {
		w.t.Fatal(err)
	}
	file := filepath.Join(w.root, "wrapper")
	if err := os.WriteFile(file, append([]byte("#!/husk-enforce\n# a wrapper\n"), text...), 0o700); err != nil {
		w.t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(exe, append([]string{file}, args...)...)
	cmd.Dir = w.Cwd
	cmd.Env = []string{mainEnv + "=1", "HOME=" + w.Home, "PATH=/usr/bin:/bin", "TMPDIR=" + w.root + "/tmp", "DIR=" + w.root}
	return cmd
}

// ended is how a wrapper ended.
type ended struct {
	out, err string
	status   syscall.WaitStatus
}

// run starts the wrapper and waits.
func (w *world) run(cmd *exec.Cmd) ended {
	w.t.Helper()
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	e := ended{out.String(), w.text(problems.String()), cmd.ProcessState.Sys().(syscall.WaitStatus)}
	if strings.Contains(e.err, "user namespaces cannot be had") && cmd.SysProcAttr == nil {
		cannotRun(w.t, e.err)
	}
	return e
}

// sessions lists what is left of session directories.
func (w *world) sessions() []string {
	w.t.Helper()
	all, err := filepath.Glob(w.root + "/tmp/husk-*")
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestRunEnds(t *testing.T) {
	for script, want := range map[string]syscall.WaitStatus{
		"exit 0": 0, "exit 7": 7 << 8, "exit 125": 125 << 8, "kill -TERM $$": 15, "kill -KILL $$": 9, "kill -INT $$": 2, `exit "$1"`: 42 << 8,
	} {
		w := newShell(t, script)
		e := w.run(w.wrapper("42"))
		if e.status != want || e.err != "" || e.out != "" {
			t.Errorf("%s: status %#x, want %#x; said %q %q", script, e.status, want, e.out, e.err)
		}
		if left := w.sessions(); len(left) != 0 {
			t.Errorf("%s: left %v", script, left)
		}
	}
}

// The whole of it once: what is granted works, what isn't doesn't.
func TestRunConfines(t *testing.T) {
	w := newShell(t, `
echo x >inside && echo wrote the project
echo x >$HOME/.profile; cat $DIR/secret; ls /root/* /home/*; test -e $DIR/wrapper && echo sees the wrapper
echo x >/tmp/x; echo x >$TMPDIR/x && echo wrote TMPDIR
test "$TMPDIR" = "$TMP" && case $TMPDIR in "$DIR"/tmp/husk-*-p-*) echo has a directory of its own;; esac
grep -c . /etc/passwd; id -u >/dev/null && echo $HUSK_ENFORCE_TEST_MAIN$$`)
	w.file("secret")
	e := w.run(w.wrapper())
	want := "wrote the project\nwrote TMPDIR\nhas a directory of its own\n1\n2\n"
	if e.out != want || e.status != 0 {
		t.Errorf("status %#x, said %q, want %q\n%s", e.status, e.out, want, e.err)
	}
	for path, want := range map[string]bool{"home/u/proj/inside": true, "home/u/.profile": false} {
		if _, err := os.Lstat(w.root + "/" + path); (err == nil) != want {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestRunStatusesOfFailures(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world)
		status int
		words  []string
	}{
		"no such program":  {func(w *world) { w.plan.Program.Path = w.root + "/none" }, 127, []string{"cannot execute T/none", "husk: hint: "}},
		"not executable":   {func(w *world) { w.plan.Program.Path = "/etc/passwd" }, 126, []string{"cannot execute /etc/passwd"}},
		"a required path":  {func(w *world) { w.plan.Filesystem.Read = []plan.PathRule{{Path: w.at("none"), Required: true}} }, 125, []string{"T/none does not exist", "asked for by p.hcl:1"}},
		"an unknown limit": {func(w *world) { w.plan.Limits = []plan.Limit{{Name: "x", Origin: 1}} }, 125, []string{"unknown limit x", "b.hcl:9"}},
		"not enforced":     {func(w *world) { w.plan.Supervise = &plan.Supervise{} }, 125, []string{"supervise is not enforced yet"}},
		"a bad filter":     {func(w *world) { w.plan.Syscalls.Program = make([]byte, 8) }, 125, []string{"seccomp filter of 1 instructions", "invalid argument"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newShell(t, "echo ran")
			c.change(w)
			e := w.run(w.wrapper())
			if e.status.ExitStatus() != c.status || e.out != "" || !strings.HasPrefix(e.err, "husk: error: ") {
				t.Errorf("status %#x, want %d; said %q\n%s", e.status, c.status, e.out, e.err)
			}
			for _, word := range c.words {
				if !strings.Contains(e.err, word) {
					t.Errorf("%q is not in %q", word, e.err)
				}
			}
			if left := w.sessions(); len(left) != 0 {
				t.Errorf("left %v", left)
			}
		})
	}
}

func TestMainWithoutAPlan(t *testing.T) {
	w := newShell(t, "exit 0")
	good := w.wrapper()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no arguments":     {nil, "is started by wrappers"},
		"no file":          {[]string{w.root + "/none"}, "cannot read the plan: T/none"},
		"a directory":      {[]string{w.root}, "cannot read the plan: T"},
		"something else":   {[]string{"/etc/passwd"}, "/etc/passwd: plan line 1"},
		"a cut-off plan":   {[]string{w.root + "/cut"}, "T/cut: plan line"},
		"a plan of others": {[]string{w.root + "/v2"}, "plan version 2 is not 1"},
	} {
		text, err := os.ReadFile(w.root + "/wrapper")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(os.WriteFile(w.root+"/cut", text[:len(text)/2], 0o600),
			os.WriteFile(w.root+"/v2", bytes.Replace(text, []byte(`"version": 1`), []byte(`"version": 2`), 1), 0o600)); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(good.Path, c.args...)
		cmd.Env = good.Env
		e := w.run(cmd)
		if e.status.ExitStatus() != 125 || !strings.Contains(e.err, c.want) || !strings.HasPrefix(e.err, "husk: error: ") {
			t.Errorf("%s: status %#x, %q; want %q", name, e.status, e.err, c.want)
		}
	}
}

// A TMPDIR that can't be trusted is not used, with a line that says why; and the
// session directory is made in /tmp.
func TestUntrustedTmpdir(t *testing.T) {
	w := newShell(t, `case $TMPDIR in "$DIR"*) echo used;; /tmp/husk-*) echo fell back;; esac`)
	if e := w.run(w.wrapper()); e.out != "used\n" || e.err != "" {
		t.Errorf("a trusted one: %q %q", e.out, e.err)
	}
	if err := os.Chmod(w.root+"/tmp", 0o777); err != nil {
		t.Fatal(err)
	}
	e := w.run(w.wrapper())
	if e.out != "fell back\n" || !strings.Contains(e.err, "husk: warning: TMPDIR is not used, /tmp is: T/tmp may be written by others") || e.status != 0 {
		t.Errorf("status %#x, %q %q", e.status, e.out, e.err)
	}
	if left := w.sessions(); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

// The wrapper killed by -9: the program is gone with it, and the next start
// takes the directory away.
func TestKilledWrapper(t *testing.T) {
	w := newShell(t, `echo x >$TMPDIR/x; echo $TMPDIR >ready; exec sleep 1000`)
	cmd := w.wrapper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := w.Cwd + "/ready"
	var session string
	waitFor(t, "the program", func() bool {
		text, err := os.ReadFile(ready)
		session = strings.TrimSpace(string(text))
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it says that it was killed
	if left := w.sessions(); len(left) != 1 || left[0] != session {
		t.Fatalf("left %v, want %s", left, session)
	}
	w.plan.Program.Args = []string{"-c", "sleep 0.05"}
	waitFor(t, "the next starts take it away", func() bool {
		if e := w.run(w.wrapper()); e.status != 0 {
			t.Fatalf("status %#x, %s", e.status, e.err)
		}
		return len(w.sessions()) == 0
	})
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

// withoutNamespaces starts the wrapper where no further namespace can be made.
func (w *world) withoutNamespaces() ended {
	w.t.Helper()
	cmd := w.wrapper()
	cmd.Args = append([]string{"sh", "-c", `echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"`}, append([]string{cmd.Path}, cmd.Args[1:]...)...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SYS_RESOURCE}}
	return w.run(cmd)
}

func TestWithoutNamespaces(t *testing.T) {
	w := newShell(t, `echo x >inside && echo wrote the project; ls /var || echo kept out; echo x >$TMPDIR/x && echo wrote TMPDIR`)
	e := w.withoutNamespaces()
	if e.status.ExitStatus() != 125 || e.out != "" || !strings.Contains(e.err, "husk: error: user namespaces cannot be had") ||
		!strings.Contains(e.err, "husk: hint: ") || !strings.Contains(e.err, `degrade = ["namespaces"]`) {
		t.Fatalf("without degrade: status %#x, %q\n%s", e.status, e.out, e.err)
	}
	w.plan.Degrade = []string{plan.DegradeNamespaces}
	e = w.withoutNamespaces()
	if e.status != 0 || e.out != "wrote the project\nkept out\nwrote TMPDIR\n" ||
		strings.Count(e.err, "husk: warning: profile p runs without namespaces, as its degrade allows") != 1 {
		t.Errorf("with degrade: status %#x, %q\n%s", e.status, e.out, e.err)
	}
	if left := w.sessions(); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	// A failure gets through in this tier as well.
	w.plan.Program.Path = w.root + "/none"
	e = w.withoutNamespaces()
	if e.status.ExitStatus() != 127 || !strings.Contains(e.err, "cannot execute T/none") {
		t.Errorf("no program: status %#x, %q\n%s", e.status, e.out, e.err)
	}
}

// stderr gives what is written to standard error meanwhile.
func stderr(t *testing.T, during func()) string {
	t.Helper()
	r, wr, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := standardError
	standardError = int(wr.Fd())
	defer func() { standardError = old }()
	during()
	wr.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	r.Close()
	return b.String()
}

func TestReport(t *testing.T) {
	for want, err := range map[int]error{
		125: errors.New("x"), 126: &Failure{Text: "x", Status: 126}, 127: errors.Join(&Failure{Text: "x", Status: 127}),
	} {
		var got int
		said := stderr(t, func() { got = report(err) })
		if got != want || said != "husk: error: x\n" {
			t.Errorf("%v: %d, %q", err, got, said)
		}
	}
}

// The session directory that could not be removed is told beside the reason why
// nothing started.
func TestReportTellsEverything(t *testing.T) {
	both := errors.Join(&Failure{Text: "first", Status: 127}, &Failure{Text: "second", Hint: "clean up"})
	var status int
	said := stderr(t, func() { status = report(both) })
	if want := "husk: error: first\nhusk: error: second\nhusk: hint: clean up\n"; said != want || status != 127 {
		t.Errorf("status %d, %q; want 127, %q", status, said, want)
	}
}
