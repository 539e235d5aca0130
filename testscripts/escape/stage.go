package main

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// stage is the world outside of one run: a home with secrets in it, a project,
// and what the attempt's props add. It is made anew for every run, so nothing
// of one attempt reaches the next.
//
// Its variables are HOME, PROJECT (a git repository below home), OTHER (another
// project), LIBRARY (below home, granted for reading), OUTSIDE (granted to
// nobody), TMP (the caller's TMPDIR), SECRET and UNIQUE (random), and UID.
type stage struct {
	kit    *kit
	dir    string
	vars   map[string]string
	secret string
	bare   bool     // there is no sandbox
	env    []string // the caller's environment, beside the usual

	stdin, stdout *os.File   // in place of /dev/null and a pipe
	inherited     []*os.File // descriptor 3 and up, left open for the command
	standin       []string   // what stands between the caller and the command
	group         int        // the process group that the command joins, 0 for its own
	terminal      *terminal  // its controlling terminal
	accounts      []*account // of those who stand outside
	received      []chan []byte
	before        map[string]string // fingerprints of all files
	cleanup       []func()
}

// secrets are files that no profile grants.
var secrets = []string{
	"home/.ssh/id_ed25519", "home/.aws/credentials", "home/work/other/secret", "outside/secret",
}

// ordinary are files with nothing special in them.
var ordinary = []string{
	"home/.bashrc", "home/work/project/README", "home/work/project/.git/HEAD", "home/work/project/.git/config",
	"home/work/project/.git/hooks/pre-push", "home/library/file", "home/.npmrc",
}

// newStage makes the files and lets the props stand up.
func newStage(k *kit, bare bool, props []prop) (*stage, error) {
	dir, err := os.MkdirTemp(k.dir, "stage-")
	if err != nil {
		return nil, err
	}
	s := &stage{kit: k, dir: dir, secret: random(), bare: bare}
	s.cleanup = append(s.cleanup, func() { removeAll(dir) })
	s.vars = map[string]string{
		"HOME": dir + "/home", "PROJECT": dir + "/home/work/project", "OTHER": dir + "/home/work/other",
		"LIBRARY": dir + "/home/library", "OUTSIDE": dir + "/outside", "TMP": dir + "/tmp",
		"PROGRAMS": k.programs, "SECRET": s.secret, "UNIQUE": random(), "UID": strconv.Itoa(os.Getuid()),
	}
	if bare {
		s.env = append(s.env, "HUSK_ESCAPE_BARE=1") // for races that must be won: programs/sockets/race.go
	}
	if err := s.files(); err != nil {
		return s, err
	}
	for _, p := range props {
		if err := p(s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *stage) files() error {
	for i, name := range append(append([]string{}, secrets...), ordinary...) {
		text := "staged\n"
		if i < len(secrets) {
			text = s.secret + "\n"
		}
		if err := s.write(filepath.Join(s.dir, name), text); err != nil {
			return err
		}
	}
	if err := os.Symlink(".ssh/id_ed25519", s.vars["HOME"]+"/link"); err != nil {
		return err
	}
	return os.Mkdir(s.vars["TMP"], 0o700)
}

// write makes a file and the directories above it.
func (s *stage) write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// expand puts the variables in; an unknown one is a mistake in the table.
func (s *stage) expand(words ...string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = os.Expand(w, func(name string) string {
			if name == "$" {
				return name // as the shell's own
			}
			value, ok := s.vars[name]
			if !ok {
				panic("the stage has no variable " + name)
			}
			return value
		})
	}
	return out
}

func (s *stage) path(word string) string { return s.expand(word)[0] }

// strike ends everything that stands and removes the stage.
func (s *stage) strike() {
	for _, a := range s.accounts {
		a.end()
	}
	for i := len(s.cleanup) - 1; i >= 0; i-- {
		s.cleanup[i]()
	}
}

// onStrike says what strike is to do, last first.
func (s *stage) onStrike(f func()) { s.cleanup = append(s.cleanup, f) }

// note takes the fingerprint of every file, for touched.
func (s *stage) note() {
	s.before = map[string]string{}
	_ = filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, _ error) error {
		s.before[path] = fingerprint(path)
		return nil
	})
}

// fingerprint is everything about a file that an attempt could change.
func fingerprint(path string) string {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return "absent"
	}
	var content string
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		b, err := os.ReadFile(path)
		content = fmt.Sprintf("%q %v", b, err)
	case unix.S_IFLNK:
		content, _ = os.Readlink(path)
	}
	xattr := make([]byte, 64)
	n, err := unix.Lgetxattr(path, "user.planted", xattr)
	if err != nil {
		n = 0
	}
	return fmt.Sprintf("%o %d:%d %d.%09d %q %s", st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec, xattr[:n], content)
}

// random gives a text that nobody else has.
func random() string {
	b := make([]byte, 12)
	if _, err := rand.Read(b); err != nil {
		panic(err)
	}
	return hex.EncodeToString(b)
}

// removeAll removes a tree with directories of any mode in it.
func removeAll(dir string) {
	for os.RemoveAll(dir) != nil {
		if !openUp(dir) {
			return
		}
	}
}

// openUp makes every directory of a tree accessible; false where there was
// nothing to do.
func openUp(dir string) (changed bool) {
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, _ error) error {
		if entry != nil && entry.IsDir() {
			if info, err := entry.Info(); err == nil && info.Mode().Perm()&0o700 != 0o700 {
				changed = os.Chmod(path, 0o700) == nil || changed
			}
		}
		return nil
	})
	return changed
}
