// Package absent keeps paths absent that did not exist when a program started
// and that its profile protects or hides.
//
// The kernel has nothing to hold there: a mount needs something to lie on, and
// a placeholder in the user's tree would be one more thing that was not there
// before. So husk remembers the paths and looks again when the last process of
// the sandbox has ended. What has appeared is moved to husk's state directory,
// whole and unread, and reported; only what a git init leaves stays.
//
// The paths are written down before the program starts, in a file that is
// locked while its session lives (flock(2)). When the parent is killed the lock
// goes, and the next start or husk gc finishes the job.
package absent

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Rule is one path that must stay absent.
type Rule struct {
	// Root is the directory that the program may write: absolute, without links,
	// and itself out of the program's reach. Below is the path from there.
	Root, Below string
	// From names the profile's line.
	From string
}

// Path gives the whole path.
func (r Rule) Path() string { return strings.TrimSuffix(r.Root, "/") + "/" + r.Below }

// Moved is something that appeared, and where it is now.
type Moved struct {
	Path, To, From string
	// Aside says that it could not be moved out of its directory and has another
	// name there, and why.
	Aside string
}

// Record is the list of one session's paths, on disk.
type Record struct {
	state *state
	name  string
	fd    int
	label string
	rules []Rule
}

// Keep writes the rules down. stateDir is husk's state directory, which exists;
// label is the profile's name, for the names of what is moved.
func Keep(stateDir, label string, rules []Rule) (*Record, error) {
	s, err := openState(stateDir, true)
	if err != nil {
		return nil, err
	}
	text := encode(label, rules)
	for {
		r := &Record{state: s, label: label, rules: rules}
		if r.name, err = random(); err == nil {
			err = r.write(text)
		}
		if err == nil {
			return r, nil
		}
		if err != errTaken {
			s.close()
			return nil, errors.New(stateDir + "/absent/" + r.name + ": " + err.Error())
		}
	}
}

// Handle gives what another process needs to finish a record ([FinishLeft]), and
// the descriptor that holds its lock.
func (r *Record) Handle() (stateDir, name string, fd int) { return r.state.path, r.name, r.fd }

// FinishLeft waits until a record's lock can be had, and finishes it. One that
// somebody else has finished is no error.
func FinishLeft(stateDir, name string) ([]Moved, error) {
	s, err := openState(stateDir, false)
	if err != nil {
		return nil, err
	}
	defer s.close()
	return s.collectOne(name, true)
}

// errTaken says that a collector took a file before it was locked.
var errTaken = errors.New("taken")

func (r *Record) write(text string) error {
	fd, err := unix.Openat(r.state.records, r.name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	if err = lock(fd, false); err == nil {
		err = writeAll(fd, text)
	}
	if err != nil {
		unix.Close(fd)
		if err != errTaken {
			_ = unix.Unlinkat(r.state.records, r.name, 0)
		}
		return err
	}
	r.fd = fd
	return nil
}

// lock takes a record's lock, and makes sure that it still has a name.
func lock(fd int, wait bool) error {
	how := unix.LOCK_EX | unix.LOCK_NB
	if wait {
		how = unix.LOCK_EX
	}
	err := unix.Flock(fd, how)
	for err == unix.EINTR {
		err = unix.Flock(fd, how)
	}
	if err == unix.EWOULDBLOCK {
		return errTaken
	}
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Nlink == 0 {
		return errTaken
	}
	return nil
}

func writeAll(fd int, text string) error {
	for len(text) > 0 {
		n, err := unix.Write(fd, []byte(text))
		if err != nil && err != unix.EINTR {
			return err
		}
		text = text[max(0, n):]
	}
	return nil
}

// Drop forgets the record of a session in which no program ran.
func (r *Record) Drop() error {
	defer r.state.close()
	defer unix.Close(r.fd)
	return unix.Unlinkat(r.state.records, r.name, 0)
}

// Finish moves away what has appeared, and forgets the record unless something
// could not be moved. The last process of the sandbox must have ended.
func (r *Record) Finish() ([]Moved, error) {
	defer r.state.close()
	defer unix.Close(r.fd)
	return r.finish()
}

func (r *Record) finish() ([]Moved, error) {
	var all []Moved
	var failures []error
	for _, rule := range r.rules {
		moved, err := r.check(rule)
		if err != nil {
			failures = append(failures, errors.New(rule.Path()+" appeared, and could not be moved away: "+err.Error()))
		} else if moved != nil {
			all = append(all, *moved)
		}
	}
	if len(failures) == 0 {
		if err := unix.Unlinkat(r.state.records, r.name, 0); err != nil && err != unix.ENOENT {
			failures = append(failures, errors.New("record "+r.name+": "+err.Error()))
		}
	}
	return all, errors.Join(failures...)
}

// Any says whether there may be something to collect, for two calls. stateDir may
// lead through links.
func Any(stateDir string) bool {
	fd, err := unix.Open(stateDir+"/absent", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err != unix.ENOENT
	}
	defer unix.Close(fd)
	entries, err := names(fd)
	return err != nil || len(entries) > 0
}

// Collect finishes what killed parents left. A state directory that there is
// not has nothing to collect.
func Collect(stateDir string) ([]Moved, error) {
	s, err := openState(stateDir, false)
	if err == unix.ENOENT {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer s.close()
	entries, err := names(s.records)
	if err != nil {
		return nil, errors.New(stateDir + "/absent: " + err.Error())
	}
	var all []Moved
	var failures []error
	for _, name := range entries {
		moved, err := s.collectOne(name, false)
		all = append(all, moved...)
		if err != nil {
			failures = append(failures, err)
		}
	}
	return all, errors.Join(failures...)
}

// collectOne finishes a record whose lock can be had; with wait, once it can.
func (s *state) collectOne(name string, wait bool) ([]Moved, error) {
	fd, err := unix.Openat(s.records, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		return nil, nil
	}
	if err != nil {
		return nil, errors.New("record " + name + ": " + err.Error())
	}
	defer unix.Close(fd)
	if err := lock(fd, wait); err == errTaken {
		return nil, nil // its session lives, or another collector is at it
	} else if err != nil {
		return nil, errors.New("record " + name + ": " + err.Error())
	}
	text, err := s.read(fd)
	if err != nil {
		return nil, errors.New("record " + name + ": " + err.Error())
	}
	// A record that was not written to its end is one whose program never started.
	label, rules, _ := decode(text)
	r := &Record{state: s, name: name, label: label, rules: rules}
	return r.finish()
}

// stamp is when something was moved, for its directory's name.
func stamp() string { return time.Now().UTC().Format("20060102T150405Z") }

const header = "husk absent 1"

// encode writes a record: a line with the label, one per rule, and an end. Every
// word is quoted as Go does, so that no path can be more than a word.
func encode(label string, rules []Rule) string {
	var b strings.Builder
	b.WriteString(header + " " + strconv.Quote(label) + "\n")
	for _, r := range rules {
		b.WriteString(strconv.Quote(r.Root) + " " + strconv.Quote(r.Below) + " " + strconv.Quote(r.From) + "\n")
	}
	b.WriteString("end\n")
	return b.String()
}

// decode reads a record; ok is false where it is not a whole one.
func decode(text string) (label string, rules []Rule, ok bool) {
	lines := strings.Split(text, "\n")
	if len(lines) < 3 || lines[len(lines)-1] != "" || lines[len(lines)-2] != "end" || !strings.HasPrefix(lines[0], header+" ") {
		return "", nil, false
	}
	words, ok := unquote(lines[0][len(header)+1:], 1)
	if !ok {
		return "", nil, false
	}
	label = words[0]
	for _, line := range lines[1 : len(lines)-2] {
		words, ok := unquote(line, 3)
		if !ok {
			return "", nil, false
		}
		rules = append(rules, Rule{Root: words[0], Below: words[1], From: words[2]})
	}
	return label, rules, true
}

// unquote splits a line into n quoted words.
func unquote(line string, n int) ([]string, bool) {
	var words []string
	for range n {
		quoted, err := strconv.QuotedPrefix(line)
		if err != nil {
			return nil, false
		}
		word, err := strconv.Unquote(quoted)
		if err != nil {
			return nil, false
		}
		words = append(words, word)
		line = strings.TrimPrefix(line[len(quoted):], " ")
	}
	return words, line == ""
}
