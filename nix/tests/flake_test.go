package tests

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// repository is the checkout that these tests lie in.
func repository(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// settings are those of Nix without a daemon, a network or a configuration.
const settings = `experimental-features = nix-command flakes
build-users-group =
substituters =
flake-registry =
warn-dirty = false
sandbox = false
`

// nix runs Nix with the fixture as nixpkgs, and modules from Go's own cache.
func nix(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "nix", args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "NIX_CONFIG="+settings, "GOPROXY=file://"+moduleCache(t)+"/cache/download", "HOME="+cmd.Dir)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// flakeCheck is `nix flake check` of a copy of the repository.
func flakeCheck(t *testing.T, tree string, options ...string) (string, error) {
	t.Helper()
	return nix(t, append([]string{"flake", "check", "--print-build-logs", "path:" + tree, "--no-write-lock-file",
		"--override-input", "nixpkgs", "path:" + tree + "/nix/tests/mini-nixpkgs"}, options...)...)
}

func moduleCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// needNix skips a test where it can't run, which CI does not let pass.
func needNix(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("Nix without a daemon writes /nix as root: run the tests as root as well")
	}
	if _, err := exec.LookPath("nix"); err != nil {
		if os.Getenv("HUSK_MUST_WORK") == "1" {
			t.Fatal("HUSK_MUST_WORK=1, and nix is not installed")
		}
		t.Skip("nix is not installed")
	}
	vendored(t) // what the derivation of the modules takes from Go's cache is there then
}

// copyTree copies the repository without what is not its own.
func copyTree(t *testing.T) string {
	t.Helper()
	to := t.TempDir() + "/husk"
	from := repository(t)
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() == ".git" || e.Name() == "bin" {
			continue
		}
		if out, err := exec.Command("cp", "-r", filepath.Join(from, e.Name()), to).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return to
}

// TestFlake builds every check, and then tries the wrapped package as a user would.
func TestFlake(t *testing.T) {
	needNix(t)
	tree := copyTree(t)
	if out, err := flakeCheck(t, tree); err != nil {
		t.Fatalf("nix flake check: %v\n%s", err, out)
	}
	t.Run("outside of the build", func(t *testing.T) { tryOutside(t, tree) })
	for _, b := range breakages {
		t.Run(b.name, func(t *testing.T) { b.check(t) })
	}
}

// TestFlakeInSandbox does the same in Nix's own build sandbox and in a store that
// nothing is in yet.
func TestFlakeInSandbox(t *testing.T) {
	needNix(t)
	store := t.TempDir()
	t.Cleanup(func() { _ = exec.Command("chmod", "-R", "u+w", store).Run() })
	out, err := flakeCheck(t, copyTree(t), "--store", store, "--option", "sandbox", "true", "--option", "sandbox-fallback", "false",
		"--option", "sandbox-paths", "/bin /usr /lib /lib64 "+moduleCache(t))
	if err != nil {
		t.Fatalf("nix flake check: %v\n%s", err, out)
	}
}

// tryOutside runs a wrapper from the store as an ordinary user.
func tryOutside(t *testing.T, tree string) {
	system := map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}[runtime.GOARCH]
	link := t.TempDir() + "/result"
	out, err := nix(t, "build", "path:"+tree+"#checks."+system+".demo", "--out-link", link, "--no-write-lock-file",
		"--override-input", "nixpkgs", "path:"+tree+"/nix/tests/mini-nixpkgs")
	if err != nil {
		t.Fatalf("nix build: %v\n%s", err, out)
	}
	wrapped, err := filepath.EvalSymlinks(link)
	if err != nil {
		t.Fatal(err)
	}
	u := newUser(t)
	if out, err := u.run(wrapped+"/bin/demo", "read", u.home+"/project/file"); err != nil || out != "text\n" {
		t.Errorf("the project: %v, %q", err, out)
	}
	for _, denied := range []string{u.home + "/.ssh/id", tree + "/go.mod"} {
		if out, err := u.run(wrapped+"/bin/demo", "read", denied); err == nil {
			t.Errorf("%s can be read: %q", denied, out)
		}
	}
	if out, err := u.run(wrapped+"/bin/demo-other", "read", u.home+"/.ssh/id"); err != nil || out != "key\n" {
		t.Errorf("without a wrapper: %v, %q", err, out)
	}
}

// user is somebody who is not root, with a home directory.
type user struct {
	t    *testing.T
	home string
	id   uint32
}

func newUser(t *testing.T) *user {
	u := &user{t: t, home: t.TempDir(), id: 54321}
	// t.TempDir makes its parents for the caller alone.
	for dir := u.home; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{"project/.git/HEAD": "", "project/file": "text\n", ".ssh/id": "key\n"} {
		path := filepath.Join(u.home, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("chown", "-R", fmt.Sprintf("%d:%d", u.id, u.id), u.home).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return u
}

// run gives a program's standard output.
func (u *user) run(argv ...string) (string, error) {
	cmd := exec.CommandContext(u.t.Context(), argv[0], argv[1:]...)
	cmd.Dir = u.home + "/project"
	cmd.Env = []string{"HOME=" + u.home, "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: u.id, Gid: u.id}}
	out, err := cmd.Output()
	return string(out), err
}
