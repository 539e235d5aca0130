package enforce

import (
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// maxSecret bounds a secret's value, in bytes. The kernel takes 128 KiB for one
// variable (execve(2), MAX_ARG_STRLEN); a token is far below half of that.
const maxSecret = 64 << 10

// readSecrets gives the variables whose values are read now, before anything is
// started: from a file, or from what a command prints. A value is never part of
// an error, a plan or an argument list; it goes from here into the program's
// environment and nowhere else. The wrapper's own environment, which is also
// PID 1's, has no part in it.
func (s *start) readSecrets() error {
	list := s.plan.Environment.Secrets
	if len(list) == 0 || s.dry {
		return nil
	}
	guard, err := s.newSecretGuard()
	if err != nil {
		return err
	}
	for i := range list {
		value, err := guard.read(&list[i])
		if err != nil {
			return &Failure{Text: "secret " + list[i].Name + ": " + err.Error(), From: where(s.plan, list[i].Origin)}
		}
		s.secrets = append(s.secrets, [2]string{list[i].Name, value})
	}
	return nil
}

// secretGuard reads secrets, and refuses sources that an earlier run of the
// program may have put there: a link to some other private file, or a command
// of its own that would then run outside of the sandbox.
type secretGuard struct {
	*start
	roots    []string // of the host, writable inside
	excepted []grant  // of those, what is not writable all the same
}

func (s *start) newSecretGuard() (*secretGuard, error) {
	home, _ := resolve(s.anchors.Home)
	if s.anchors.Home == "" {
		home.path = ""
	}
	f, err := resolveFiles(s.plan, s.anchors, home.path, true)
	if err != nil {
		return nil, err
	}
	g := &secretGuard{start: s, roots: (&policy{plan: s.plan, anchors: s.anchors, home: home.path, out: *f}).writable()}
	if s.plan.Home.Mode == plan.HomePersistent && home.path != "" {
		state, err := s.stateDir()
		if err != nil {
			return nil, err
		}
		g.roots = append(g.roots, path.Join(state, "homes"))
	}
	// Without a mount namespace, protect and hide do not hold inside a tree that
	// is granted.
	if s.flags&unix.CLONE_NEWNS != 0 && !degrades(s.plan, plan.DegradeNamespaces) {
		for _, list := range [][]grant{f.hide, f.protect, f.reserved} {
			g.excepted = append(g.excepted, list...)
		}
	}
	return g, nil
}

func (g *secretGuard) read(secret *plan.Secret) (value string, err error) {
	var text []byte
	if secret.File != nil {
		text, err = g.file(secret)
	} else {
		text, err = g.command(secret.Command)
	}
	if err != nil {
		return "", err
	}
	return secretValue(text)
}

// secretValue takes the line ends off, as $(…) does, and refuses what cannot be
// a variable's value or is surely none.
func secretValue(text []byte) (string, error) {
	value := strings.TrimRight(string(text), "\r\n")
	switch {
	case len(value) > maxSecret:
		return "", &Failure{Text: "the value is larger than " + strconv.Itoa(maxSecret) + " bytes"}
	case value == "":
		return "", &Failure{Text: "the value is empty"}
	case strings.IndexByte(value, 0) >= 0:
		return "", &Failure{Text: "the value holds a NUL byte"}
	}
	return value, nil
}

// file reads a secret's file: a regular one of the caller's or root's. Links
// are followed, as dotfile managers need it.
func (g *secretGuard) file(secret *plan.Secret) ([]byte, error) {
	absolute, err := g.anchors.absolute(*secret.File)
	if err == errUnset {
		return nil, &Failure{Text: "its file is " + secret.File.String() + ", and " + secret.File.Name + " is not set"}
	}
	if err != nil {
		return nil, err
	}
	at, err := g.follow(absolute)
	if err != nil {
		return nil, err
	}
	// Not blocking: a FIFO in the file's place must not hold up the start.
	fd, err := unix.Open(at.path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NOCTTY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, &Failure{Text: "cannot read " + absolute + ": " + err.Error()}
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, &Failure{Text: "cannot read " + absolute + ": " + err.Error()}
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return nil, &Failure{Text: absolute + " is not a regular file"}
	case int(st.Uid) != g.anchors.UID && st.Uid != 0:
		return nil, &Failure{Text: absolute + " belongs to user " + strconv.Itoa(int(st.Uid)) + ", not to you"}
	}
	if st.Mode&0o066 != 0 && othersReach(at.path) {
		warn("the secret " + secret.Name + " is not private, other users can get at " + at.path + ": chmod 600 it")
	}
	return readSecret(fd)
}

// follow resolves a path and refuses one that the program can change: the file,
// or a link on the way to it.
func (g *secretGuard) follow(absolute string) (resolved, error) {
	at, ok := resolve(absolute)
	if !ok {
		return at, &Failure{Text: absolute + " leads through too many symbolic links"}
	}
	if at.mode == 0 {
		return at, &Failure{Text: absolute + " does not exist"}
	}
	ways := []string{at.path}
	for _, l := range at.links {
		ways = append(ways, l.path)
	}
	for _, way := range ways {
		for _, root := range g.roots {
			if namespaces.Within(way, root) && !g.isExcepted(way, root) {
				return at, &Failure{Text: "the sandbox may write " + way + ", so what it holds is not to be relied on: move it out of " + root + ", or protect it"}
			}
		}
	}
	return at, nil
}

// isExcepted says whether way, in the writable tree root, is not writable.
func (g *secretGuard) isExcepted(way, root string) bool {
	for i := range g.excepted {
		if e := g.excepted[i].path; namespaces.Within(e, root) && namespaces.Within(way, e) {
			return true
		}
	}
	return false
}

// othersReach says whether somebody else may search every directory on the way
// to file.
func othersReach(file string) bool {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		var st unix.Stat_t
		if unix.Stat(dir, &st) != nil || st.Mode&0o011 == 0 {
			return false
		}
		if dir == "/" {
			return true
		}
	}
}

// readSecret reads to the end, and one byte beyond what is allowed at most.
func readSecret(fd int) ([]byte, error) {
	text := make([]byte, maxSecret+3) // and a line's end, and a byte too many
	n := 0
	for n < len(text) {
		more, err := unix.Read(fd, text[n:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return nil, &Failure{Text: "cannot read it: " + err.Error()}
		}
		if more == 0 {
			break
		}
		n += more
	}
	return text[:n], nil
}
