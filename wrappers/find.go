package wrappers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/husk-sandbox/husk/enforce/plan"
	"golang.org/x/sys/unix"
)

// Finder finds the real programs behind commands, as one user with one PATH sees
// them. It remembers what it has seen, so it is made anew for each run of husk.
// It is safe for use by several goroutines.
type Finder struct {
	path     []string      // absolute entries of PATH, in order
	wrappers []os.FileInfo // directories that are never searched
	anchors  Anchors

	mu       sync.Mutex
	names    map[string]map[string]bool // names in a directory; nil: it can't be listed
	reach    map[string]reached         // by program path
	known    map[string]candidate       // by path
	followed map[string]string          // rules' paths without links
	asked    map[string]asked           // by question, for Memo
	looked   map[string]string          // environment variables that mattered
}

// NewFinder gives a finder that searches the directories of path in order and
// never those of wrappers. Relative and empty entries of path are left out: what
// they mean depends on the working directory, and a file planted there must not
// become a wrapped command's program.
func NewFinder(path, wrappers []string, anchors Anchors) *Finder {
	f := &Finder{
		names:    map[string]map[string]bool{},
		reach:    map[string]reached{},
		known:    map[string]candidate{},
		followed: map[string]string{},
		asked:    map[string]asked{},
		looked:   map[string]string{},
	}
	for _, dir := range path {
		if filepath.IsAbs(dir) {
			f.path = append(f.path, filepath.Clean(dir))
		}
	}
	for _, dir := range wrappers {
		if fi, err := os.Stat(dir); err == nil {
			f.wrappers = append(f.wrappers, fi)
		}
	}
	f.anchors = anchors
	f.anchors.Getenv = func(name string) string {
		value := ""
		if anchors.Getenv != nil {
			value = anchors.Getenv(name)
		}
		f.looked[name] = value
		return value
	}
	return f
}

// Found is a program and how it was found.
type Found struct {
	Program plan.Program
	// File is the file behind Program.Path, free of symbolic links.
	File string
	// Skipped are the files of that name that stand earlier on PATH and were not
	// taken.
	Skipped []Skipped
}

// Skipped is a file that was not taken as the program.
type Skipped struct {
	Path string
	Why  string
}

// ErrNotFound is returned where no directory of PATH holds the program.
var ErrNotFound = errors.New("not found on PATH")

// ErrNotExecutable is returned for a file that is there and can't be executed.
var ErrNotExecutable = errors.New("not an executable file")

// Complete finds the program of a plan whose Program.Path is still as written in
// the profile, a name or an absolute path, and fills in Path and Grants. Where
// Program.Digest is set, the file must have that content.
//
// A program is never a husk wrapper, and never one that the plan's own write
// rules let the sandbox change: a program that can exchange itself is not the
// one that was looked at. Rules that begin at the working directory are looked
// at only where that is known.
func (f *Finder) Complete(p *plan.Plan) (Found, error) {
	return f.complete(p, f.writableBy)
}

// CompleteChosen is Complete for a program that the user names by its path for
// this one start, a script of the project for example: it may be one that the
// sandbox can write.
func (f *Finder) CompleteChosen(p *plan.Plan) (Found, error) {
	return f.complete(p, func(*plan.Plan) writable { return writable{} })
}

func (f *Finder) complete(p *plan.Plan, writableBy func(*plan.Plan) writable) (Found, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := question{
		Exec:     p.Program.Path,
		Digest:   strings.ToLower(p.Program.Digest),
		Whole:    p.Filesystem.View == plan.ViewEmpty,
		Writable: writableBy(p),
	}
	found, err := f.find(q)
	if err != nil {
		return Found{}, fmt.Errorf("%s: %w", p.Program.Path, err)
	}
	found.Program.Args = p.Program.Args
	if err := f.secretCommands(p); err != nil {
		return Found{}, err
	}
	if err := f.busProxy(p); err != nil {
		return Found{}, err
	}
	p.Program = found.Program
	return found, nil
}

// find answers one question.
func (f *Finder) find(q question) (Found, error) {
	if a, ok := f.asked[q.key()]; ok {
		return a.found, a.err
	}
	found, r, err := f.locate(q)
	if err == nil {
		found, err = f.finish(found, r, q)
	}
	if err == nil {
		found.Program.Digest, err = checkDigest(found.File, q.Digest)
	}
	f.asked[q.key()] = asked{question: q, found: found, err: err}
	return found, err
}

// locate finds the file, without what it needs to start.
func (f *Finder) locate(q question) (Found, reached, error) {
	if strings.Contains(q.Exec, "/") {
		return f.absolute(q)
	}
	var found Found
	for _, dir := range f.path {
		candidate := filepath.Join(dir, q.Exec)
		if !f.holds(dir, q.Exec) || !mayExecute(candidate) {
			continue
		}
		r, why := f.usable(candidate, dir, q)
		if why != "" {
			found.Skipped = append(found.Skipped, Skipped{candidate, why})
			continue
		}
		return found, r, nil
	}
	if len(found.Skipped) == 0 {
		return Found{}, reached{}, ErrNotFound
	}
	reasons := make([]string, len(found.Skipped))
	for i, s := range found.Skipped {
		reasons[i] = s.Path + " " + s.Why
	}
	return Found{}, reached{}, fmt.Errorf("no file on PATH can be used: %s", strings.Join(reasons, "; "))
}

// absolute looks at a program that the profile names by its path.
func (f *Finder) absolute(q question) (Found, reached, error) {
	if !filepath.IsAbs(q.Exec) {
		return Found{}, reached{}, errors.New("neither a name nor an absolute path")
	}
	path := filepath.Clean(q.Exec)
	if _, err := os.Stat(path); err != nil {
		return Found{}, reached{}, err
	}
	if !mayExecute(path) {
		return Found{}, reached{}, ErrNotExecutable
	}
	r, why := f.usable(path, filepath.Dir(path), q)
	if why != "" {
		return Found{}, reached{}, errors.New(why)
	}
	return Found{}, r, nil
}

// usable follows a file and says why it can't be the program, if so.
func (f *Finder) usable(path, dir string, q question) (reached, string) {
	c, seen := f.known[path]
	if !seen {
		c = f.look(path, dir)
		f.known[path] = c
	}
	if c.why != "" {
		return reached{}, c.why
	}
	for _, at := range c.chain() {
		if rule := f.covering(q.Writable, at); rule != "" {
			return reached{}, fmt.Sprintf("could be changed by the sandbox, which may write %s", rule)
		}
	}
	return c.reached, ""
}

// candidate is a file that was looked at, with the reason why it can't be anybody's
// program.
type candidate struct {
	reached
	why string
}

func (f *Finder) look(path, dir string) candidate {
	if f.isWrapperDir(dir) {
		return candidate{why: "is in the wrapper directory"}
	}
	wrapper, err := IsWrapper(path)
	if err != nil {
		return candidate{why: "cannot be read: " + err.Error()}
	}
	if wrapper {
		return candidate{why: "is a husk wrapper"}
	}
	r, err := f.follow(path)
	if err != nil {
		return candidate{why: "cannot be followed: " + err.Error()}
	}
	return candidate{reached: r}
}

// finish adds what the program needs to start.
func (f *Finder) finish(found Found, r reached, q question) (Found, error) {
	grants, err := f.grants(r, q)
	if err != nil {
		return Found{}, err
	}
	for _, g := range append([]string{r.path}, grants...) {
		if !printable(g) {
			return Found{}, fmt.Errorf("the path %q can't be written into a plan: it holds control characters or is not UTF-8", g)
		}
	}
	found.Program = plan.Program{Path: r.path, Grants: grants}
	found.File = r.file
	return found, nil
}

// All lists every file of that name on PATH that can be executed, wrappers
// included, in order.
func (f *Finder) All(name string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, dir := range f.path {
		if candidate := filepath.Join(dir, name); f.holds(dir, name) && mayExecute(candidate) {
			all = append(all, candidate)
		}
	}
	return all
}

// holds says whether the directory has an entry of that name. Directories are
// listed once: with a thousand commands that is far fewer calls than asking.
func (f *Finder) holds(dir, name string) bool {
	names, listed := f.names[dir]
	if !listed {
		if entries, err := os.ReadDir(dir); err == nil {
			names = make(map[string]bool, len(entries))
			for _, e := range entries {
				names[e.Name()] = true
			}
		}
		f.names[dir] = names
	}
	if names == nil { // it can't be listed, but maybe searched
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	return names[name]
}

func (f *Finder) isWrapperDir(dir string) bool {
	if len(f.wrappers) == 0 {
		return false
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return false
	}
	for _, w := range f.wrappers {
		if os.SameFile(fi, w) {
			return true
		}
	}
	return false
}

// mayExecute says whether path is, through links, a regular file that the caller
// may execute: what a shell's search takes.
func mayExecute(path string) bool {
	return isExecutableFile(path) && unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS) == nil
}

// checkDigest compares the file with the digest that it is pinned to, if any.
func checkDigest(file, pinned string) (string, error) {
	if pinned == "" {
		return "", nil
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if has := digest(content); has != pinned {
		return "", fmt.Errorf("%s is pinned to sha256 %s, but the file has %s", file, pinned, has)
	}
	return pinned, nil
}
