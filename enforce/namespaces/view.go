// Package namespaces turns the file policy into the mount view: it decides
// what stands where in the sandbox's own root, and writes the steps that build
// it. It knows no profile and runs nothing.
package namespaces

import (
	"sort"
	"strings"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// Kind says what a place in the view is.
type Kind int

// The kinds of places, in the order in which they are mounted where two have
// the same path: the later one is what the program sees.
const (
	Dir      Kind = iota // a directory of the view's own, read-only in the end
	Link                 // a symbolic link to Source
	Content              // a file of the view's own with Content
	Show                 // Source of the host
	Tmpfs                // an empty file system, writable, gone with the session
	Pin                  // what is there anyway, made a mount so that it can't be renamed
	PinLink              // a link that is there anyway, made a mount likewise
	Protect              // what is there anyway, read-only
	HideDir              // an empty directory over what is there
	HideFile             // an empty file over what is there
	Unread               // a copy with Content that may be executed and not read, over what is there
	Proc                 // a new proc
	Pts                  // a new devpts
)

// Place is one entry of the view.
type Place struct {
	Path    string // absolute, clean, resolved
	Kind    Kind
	Source  string // of Show and Link
	Content []byte // of Content
	File    bool   // Show: the source is no directory
	Options steps.BindOptions
	Data    string // mount options of Tmpfs
	// Husks marks a directory of husk's own that is shown: what is missing in it
	// may be made.
	Husks bool
	// Part makes a Tmpfs a part of the root's own file system, with the root's
	// size: a file system less to make and to take apart.
	Part bool
	// Private gives a Part the mode 0700, else it has 1777.
	Private bool
	// Yields makes a HideDir or HideFile give way to what else is put at its very
	// path: it is the view's own, and not a rule of the profile.
	Yields bool
	// Flags are the MS_* flags of Tmpfs.
	Flags  uintptr
	Origin int
}

// View is the whole tree.
type View struct {
	// Size bounds the root's own file system, which /tmp and /dev/shm are parts
	// of, as tmpfs(5) writes it; "" is husk's default.
	Size string

	places []Place
}

// sizeRoot bounds the root where no private /tmp asks for more: POSIX shared
// memory is what needs it.
const sizeRoot = "256m"

func (v *View) size() string {
	if v.Size == "" {
		return sizeRoot
	}
	return v.Size
}

// Add puts a place into the view.
func (v *View) Add(p Place) { v.places = append(v.places, p) }

// Each gives every place to f, which may change it, until an error.
func (v *View) Each(f func(*Place) error) error {
	for i := range v.places {
		if err := f(&v.places[i]); err != nil {
			return err
		}
	}
	return nil
}

// Cover is what the view shows at a path: nothing, or something of the host
// that may be written or executed or not.
type Cover struct{ Shown, Writable, Executable bool }

// Covers gives how path lies in something of the host that the view shows at
// its own place: the innermost counts.
func (v *View) Covers(path string) Cover {
	best, c := -1, Cover{}
	for i := range v.places {
		p := &v.places[i]
		if p.Kind == Show && p.Source == p.Path && Within(path, p.Path) && len(p.Path) > best {
			best, c = len(p.Path), Cover{true, p.Options.Writable, !p.Options.NoExec}
		}
	}
	return c
}

// Within says whether path is dir or lies below it.
func Within(path, dir string) bool {
	return path == dir || dir == "/" || (strings.HasPrefix(path, dir) && path[len(dir)] == '/')
}

// Parent gives the directory of a clean absolute path.
func Parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i <= 0 {
		return "/"
	}
	return path[:i]
}

// sorted gives the places parents first, and at one path in the order of
// their kinds.
func (v *View) sorted() []Place {
	s := make([]Place, 0, len(v.places))
	for i := range v.places {
		if p := &v.places[i]; !p.Yields || !v.fills(p.Path) {
			s = append(s, *p)
		}
	}
	sort.SliceStable(s, func(i, j int) bool {
		if s[i].Path != s[j].Path {
			return before(s[i].Path, s[j].Path)
		}
		return s[i].Kind < s[j].Kind
	})
	return s
}

// before orders paths so that a directory comes before what is in it and
// everything in it comes before its next sibling.
func before(a, b string) bool {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			if a[i] == '/' || b[i] == '/' {
				return a[i] == '/'
			}
			return a[i] < b[i]
		}
	}
	return len(a) < len(b)
}

// Shows says whether something of the host is shown at exactly path.
func (v *View) Shows(path string) bool {
	for i := range v.places {
		if v.places[i].Kind == Show && v.places[i].Path == path {
			return true
		}
	}
	return false
}

// fills says whether a directory or file with something in it stands at exactly path.
func (v *View) fills(path string) bool {
	for i := range v.places {
		if p := &v.places[i]; p.Path == path && (p.Kind == Show || p.Kind == Tmpfs) {
			return true
		}
	}
	return false
}

// has says whether something stands at exactly path.
func (v *View) has(path string) bool {
	for i := range v.places {
		if v.places[i].Path == path {
			return true
		}
	}
	return false
}

// Hides says whether path lies in a directory that is hidden.
func (v *View) Hides(path string) bool {
	for i := range v.places {
		if v.places[i].Kind == HideDir && Within(path, v.places[i].Path) {
			return true
		}
	}
	return false
}

// Shown gives the places that show something of the host.
func (v *View) Shown() []Place {
	var shown []Place
	for i := range v.places {
		if v.places[i].Kind == Show {
			shown = append(shown, v.places[i])
		}
	}
	return shown
}

// MakeReadOnly takes writing away from what is shown at path.
func (v *View) MakeReadOnly(path string) {
	for i := range v.places {
		if v.places[i].Kind == Show && v.places[i].Path == path {
			v.places[i].Options.Writable = false
		}
	}
}
