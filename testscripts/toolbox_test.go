package testscripts

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// toolbox is a directory that everybody may read, with the real binaries in
// it and the scripts' directories below it.
type toolbox struct {
	dir      string
	borrowed string // whose binaries are used where this run built none
}

// toolsVariable names the toolbox that a run as another user borrows.
const toolsVariable = "HUSK_TEST_TOOLS"

// shared is where the toolbox lies, whatever TMPDIR is: the scripts say what is to be
// seen in /tmp and at home and what isn't, both users they run as must get there, and
// the address of a unix socket below it may have 107 bytes (unix(7)).
const shared = "/tmp"

// openToolbox makes the toolbox and builds the binaries, unless it is told
// where they are.
func openToolbox() (*toolbox, error) {
	dir, err := os.MkdirTemp(shared, "husk-testscripts-")
	if err != nil {
		return nil, err
	}
	t := &toolbox{dir: dir, borrowed: os.Getenv(toolsVariable)}
	// MkdirTemp makes it 0700; other users' scripts run in it too.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	if t.borrowed != "" {
		return t, nil
	}
	if err := t.build(); err != nil {
		return nil, fmt.Errorf("%w (what was built stays in %s)", err, dir)
	}
	return t, nil
}

// bin holds husk and husk-enforce, probe the probe.
func (t *toolbox) bin() string   { return filepath.Join(t.home(), "bin") }
func (t *toolbox) probe() string { return filepath.Join(t.home(), "probe") }

// demo is a copy of the demo's files.
func (t *toolbox) demo() string { return filepath.Join(t.home(), "demo") }

func (t *toolbox) home() string {
	if t.borrowed != "" {
		return t.borrowed
	}
	return t.dir
}

// workdir makes the directory that holds the scripts' own ones: a new one, since
// go test -count runs each script more than once.
func (t *toolbox) workdir() (string, error) {
	dir, err := os.MkdirTemp(t.dir, "work-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// build compiles as a release does: static, so that nothing in the caller's
// environment is loaded into the enforcer.
func (t *toolbox) build() error {
	for _, b := range []struct{ to, pkg string }{
		{t.bin(), "./cmd/husk"}, {t.bin(), "./cmd/husk-enforce"}, {t.probe(), "./testscripts/probe"},
	} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", b.to+"/", b.pkg)
		cmd.Dir = ".."
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", b.pkg, err, out)
		}
	}
	return os.CopyFS(t.demo(), os.DirFS("demo"))
}

// noteSources reads the sources that the binaries are built from. The go
// command reruns a cached test when a file that the test read has changed; it
// sees nothing of what the go build above reads, nor of what is read before the
// first test.
func noteSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		switch filepath.Ext(path) {
		case ".go", ".s", ".hcl", ".mod":
			_, err = os.ReadFile(path)
			return err
		}
		return nil
	})
}

// remove takes everything away, also directories that a script made
// unreadable.
func (t *toolbox) remove() error {
	err := filepath.WalkDir(t.dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return os.RemoveAll(t.dir)
}
