package wrappers

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// reached is a program's path followed to its file.
type reached struct {
	path  string   // as it is started, with links in it
	links []string // every symbolic link on the way, its own directory free of links
	file  string   // the file, free of links
}

// chain lists the links and the file: whoever can change one of them changes the
// program.
func (r reached) chain() []string { return append(append([]string(nil), r.links...), r.file) }

// maxLinks is the kernel's own bound on links in one look-up (path_resolution(7)).
const maxLinks = 40

// follow walks a path component by component, as the kernel does, and collects
// the symbolic links. A link in a directory that lasts only as long as a shell is
// taken for what it points to.
func (f *Finder) follow(path string) (reached, error) {
	if r, ok := f.reach[path]; ok {
		return r, nil
	}
	r := reached{path: path}
	at, todo := "/", strings.Split(path, "/")
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		fi, err := os.Lstat(next)
		if err != nil {
			return reached{}, err
		}
		if fi.Mode()&os.ModeSymlink == 0 {
			at = next
			continue
		}
		target, err := os.Readlink(next)
		if err != nil {
			return reached{}, err
		}
		if len(r.links) == maxLinks {
			return reached{}, errors.New("too many symbolic links")
		}
		if isShortLived(next) {
			r.path = filepath.Join(append([]string{absoluteTarget(at, target)}, todo...)...)
		} else {
			r.links = append(r.links, next)
		}
		if filepath.IsAbs(target) {
			at = "/"
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	r.file = at
	f.reach[path] = r
	return r, nil
}

func absoluteTarget(dir, target string) string {
	if filepath.IsAbs(target) {
		return target
	}
	return filepath.Join(dir, target)
}

// isShortLived says whether the link lasts only as long as a shell: fnm puts one
// such directory per shell on PATH.
func isShortLived(link string) bool {
	return filepath.Base(filepath.Dir(link)) == "fnm_multishells"
}
