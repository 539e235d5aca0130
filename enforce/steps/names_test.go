package steps

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// Without openat2 a path is opened name by name, however many names it has, and
// a link on the way is as little followed as with it.
func TestRulesWithoutOpenat2(t *testing.T) {
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); errno != 0 {
		cannotRun(t, "Landlock: "+errno.Error())
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "a/b/c"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]unix.Errno{
		"/": 0, "/usr": 0, dir: 0, dir + "/a": 0, dir + "/a/b": 0, dir + "/a/b/c": 0,
		dir + "/absent": unix.ENOENT, dir + "/absent/b": unix.ENOENT, dir + "/link/b": unix.ENOTDIR, dir + "/link/b/c": unix.ENOTDIR,
		dir + "/link": unix.EINVAL, // a right for directories is not given to a link
	} {
		t.Run(path, func(t *testing.T) {
			e := startWith(t, false, func(l *List) {
				l.Program()
				l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
				l.Ruleset([]byte{unix.LANDLOCK_ACCESS_FS_READ_DIR, 0, 0, 0, 0, 0, 0, 0}, "list")
				l.WithoutOpenat2()
				l.AllowBeneath(path, unix.LANDLOCK_ACCESS_FS_READ_DIR, "list", noOrigin)
				if want == 0 {
					l.AllowBeneath("/", unix.LANDLOCK_ACCESS_FS_READ_DIR, "list", noOrigin)
				}
				l.Restrict()
				l.shell(dir, "ls / >/dev/null")
			}).end(false)
			switch {
			case want == 0 && (e.Failed != nil || e.Status != 0):
				t.Errorf("%+v", e)
			case want != 0 && (e.Failed == nil || e.Failed.Errno != want):
				t.Errorf("%+v, want %v", e, want)
			}
		})
	}
}
