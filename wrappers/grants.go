package wrappers

import (
	"fmt"
	"path/filepath"
	"slices"
)

// maxInterpreters bounds scripts whose interpreter is a script; the kernel gives
// up at five (exec_binprm in fs/exec.c).
const maxInterpreters = 5

// grants lists what must be readable inside for the program to start: the links
// on the way, the file, its interpreter, and what they are installed with. System
// directories are visible anyway and are left out, unless the question says that they
// are not (the empty view has none).
func (f *Finder) grants(r reached, q question) ([]string, error) {
	var all []string
	for range maxInterpreters {
		all = append(all, f.grantsOf(r, q.Whole)...)
		next, err := f.interpreter(r.file, q)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.file, err)
		}
		if next == nil {
			return reduce(all), nil
		}
		r = *next
	}
	return nil, fmt.Errorf("%s: more than %d interpreters, each started by the next", r.path, maxInterpreters)
}

// grantsOf is grants for one file, without its interpreter.
func (f *Finder) grantsOf(r reached, whole bool) []string {
	var all []string
	for _, at := range r.chain() {
		if isSystem(at) && !whole {
			continue
		}
		all = append(all, at)
		if !isSystem(at) {
			all = append(all, f.installation(at)...)
		}
	}
	return all
}

// reduce sorts the paths and drops those below another one. All of them are free
// of links above their last component, so what lies below is told by name; a link
// has nothing below it.
func reduce(paths []string) []string {
	slices.Sort(paths)
	var out []string
	for _, p := range slices.Compact(paths) {
		if !slices.ContainsFunc(out, func(q string) bool { return q != p && Covers(q, p) }) {
			out = append(out, p)
		}
	}
	return out
}

// systemDirs are visible read-only in every view but the empty one.
// The enforcer has the same list.
var systemDirs = []string{
	"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store", "/run/current-system",
}

func isSystem(path string) bool {
	return slices.ContainsFunc(systemDirs, func(dir string) bool { return Covers(dir, path) })
}

// installation says what belongs to a file outside the system directories: the
// directory that its package, or the tool that manages it, lives in. It may be
// nothing.
func (f *Finder) installation(at string) []string {
	dir := filepath.Dir(at)
	if grants, ok := f.managed(dir); ok {
		return grants
	}
	if first, ok := below("/opt", at); ok && first != at {
		return []string{first} // FHS 3.0, 3.13: one directory per package or vendor
	}
	if pkg, ok := nodePackage(at); ok && filepath.Base(dir) != ".bin" {
		return []string{pkg}
	}
	if slices.Contains(binDirs, filepath.Base(dir)) && f.isPrefix(filepath.Dir(dir)) {
		return []string{filepath.Dir(dir)}
	}
	return nil
}

// binDirs are directories whose parent is what a package was installed in: a
// prefix with lib and share beside bin, or node_modules.
var binDirs = []string{"bin", "sbin", ".bin"}

// tooBroad are never granted because a bin directory lies in them: other things
// than one installation are in there.
var tooBroad = []string{
	"/", "/etc", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var", "/var/lib", "/var/tmp",
}

// tooBroadBelowHome is the same below the home directory: ~/.local has keyrings
// and mail, ~/.config the credentials of half of all tools.
var tooBroadBelowHome = []string{"", ".cache", ".config", ".local", ".local/share", ".local/state"}

// isPrefix says whether dir may be granted as the prefix of an installation.
func (f *Finder) isPrefix(dir string) bool {
	if slices.Contains(tooBroad, dir) {
		return false
	}
	home := f.anchors.Home
	if home == "" {
		return true
	}
	for _, below := range tooBroadBelowHome {
		if Covers(dir, filepath.Join(home, below)) {
			return false
		}
	}
	return true
}

// below gives the entry of dir that leads to path.
func below(dir, path string) (string, bool) {
	if !Covers(dir, path) || path == dir {
		return "", false
	}
	rest := path[len(dir)+1:]
	for i := range len(rest) {
		if rest[i] == '/' {
			rest = rest[:i]
			break
		}
	}
	return filepath.Join(dir, rest), true
}

// nodePackage gives the package directory of a file below node_modules: the
// outermost one, because a global package has what it needs in a node_modules of
// its own.
func nodePackage(path string) (string, bool) {
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		if filepath.Base(dir) != "node_modules" || hasNodeModulesAbove(dir) {
			continue
		}
		pkg, ok := below(dir, path)
		if ok && filepath.Base(pkg)[0] == '@' { // a scope: the package is one further down
			pkg, ok = below(pkg, path)
		}
		return pkg, ok
	}
	return "", false
}

func hasNodeModulesAbove(dir string) bool {
	for dir = filepath.Dir(dir); dir != "/"; dir = filepath.Dir(dir) {
		if filepath.Base(dir) == "node_modules" {
			return true
		}
	}
	return false
}
