package enforce

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// alwaysPassed are the variables that every program gets: who and where it
// is. PATH loses the wrapper directory, so that a wrapped command which starts
// another one neither recurses nor builds a second sandbox.
var alwaysPassed = []string{"PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD"}

// tmpVariables name the temporary directory to one program or another.
var tmpVariables = []string{"TMPDIR", "TMP", "TEMP", "TEMPDIR"}

// match says whether name fits a pattern in which * stands for any run of
// characters. It takes linear time per star, as fnmatch(3) with one.
func match(pattern, name string) bool {
	star := strings.IndexByte(pattern, '*')
	if star < 0 {
		return pattern == name
	}
	if !strings.HasPrefix(name, pattern[:star]) {
		return false
	}
	parts := strings.Split(pattern[star+1:], "*")
	rest := name[star:]
	for i, part := range parts {
		if i == len(parts)-1 {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// passes says whether a variable of the caller reaches the program.
func passes(p *plan.Plan, name string) bool {
	e := &p.Environment
	for _, u := range e.Unset {
		if match(u.Pattern, name) {
			return false
		}
	}
	for _, always := range alwaysPassed {
		if name == always {
			return true
		}
	}
	if p.Tmp.Mode == plan.TmpHost && isTmp(name) {
		return true // it names what the profile shares
	}
	for _, pass := range e.Pass {
		if pass.Pattern == name {
			return true
		}
		if strings.IndexByte(pass.Pattern, '*') >= 0 && match(pass.Pattern, name) && !isHook(name) {
			return true
		}
	}
	return false
}

// environment gives the program's variables. session is the session directory
// or "" where temporary files are the host's.
func environment(p *plan.Plan, a *anchors, session string, secrets [][2]string) ([]string, error) {
	set, err := assignments(p, a, session)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(a.Environ))
	env := make([]string, 0, len(set)+16)
	for _, s := range append(set, secrets...) {
		if seen[s[0]] {
			continue // husk's own TMPDIR
		}
		seen[s[0]] = true
		env = append(env, s[0]+"="+s[1])
	}
	for _, entry := range a.Environ {
		name, value, ok := strings.Cut(entry, "=")
		// A name that stands twice could be read differently by two programs.
		// A name can be empty, or anything without "=": execve(2) takes any text.
		if !ok || name == "" || seen[name] || !passes(p, name) {
			continue
		}
		if session != "" && isTmp(name) {
			continue
		}
		seen[name] = true
		if name == "PATH" {
			value = withoutDirectories(value, p.Environment.WithoutPath)
		}
		env = append(env, name+"="+value)
	}
	return env, nil
}

func isTmp(name string) bool {
	for _, t := range tmpVariables {
		if t == name {
			return true
		}
	}
	return false
}

// assignments are the variables that do not come from the caller.
func assignments(p *plan.Plan, a *anchors, session string) ([][2]string, error) {
	var set [][2]string
	for _, s := range p.Environment.Set {
		if session != "" && isTmp(s.Name) {
			continue // husk's to set, below
		}
		text := s.Text
		if s.Path != nil {
			absolute, err := a.absolute(*s.Path)
			if err == errUnset {
				continue
			}
			if err != nil {
				return nil, &Failure{Text: err.Error(), From: where(p, s.Origin)}
			}
			text = absolute
		}
		if strings.IndexByte(text, 0) >= 0 || s.Name == "" || strings.ContainsAny(s.Name, "=\x00") {
			return nil, &Failure{Text: "the variable " + s.Name + " cannot be set: a NUL byte or a name with =", From: where(p, s.Origin)}
		}
		set = append(set, [2]string{s.Name, text})
	}
	if session != "" {
		for _, name := range tmpVariables {
			set = append(set, [2]string{name, session})
		}
	}
	return set, nil
}

// withoutDirectories takes directories out of a PATH. They are compared as
// they are written and by what they lead to, since PATH may name a link.
func withoutDirectories(list string, without []string) string {
	out := make([]directory, len(without))
	for i, w := range without {
		out[i] = lookAt(w)
	}
	dirs := strings.Split(list, ":")
	kept := dirs[:0]
	for _, dir := range dirs {
		if !lookAt(path.Clean(dir)).isAmong(out) {
			kept = append(kept, dir)
		}
	}
	return strings.Join(kept, ":")
}

// directory is one of PATH's.
type directory struct {
	name     string
	there    bool
	dev, ino uint64
}

func lookAt(name string) directory {
	var st unix.Stat_t
	err := unix.Stat(name, &st)
	return directory{name: name, there: err == nil, dev: st.Dev, ino: st.Ino}
}

// isAmong says whether one of list is the same directory, whatever it is called.
func (d directory) isAmong(list []directory) bool {
	for _, w := range list {
		if d.name == w.name || d.there && w.there && d.dev == w.dev && d.ino == w.ino {
			return true
		}
	}
	return false
}
