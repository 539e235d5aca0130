package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/husk-sandbox/husk/enforce/namespaces"
)

// hostFiles lets the enforcer's view look at the host.
type hostFiles struct{}

// Lstat gives st_mode, 0 where there is nothing.
func (hostFiles) Lstat(path string) uint32 {
	var st syscall.Stat_t
	if syscall.Lstat(path, &st) != nil {
		return 0
	}
	return st.Mode
}

// Resolve gives the path without links.
func (hostFiles) Resolve(path string) (string, bool) {
	real, err := filepath.EvalSymlinks(path)
	return real, err == nil
}

// Readlink gives what a link says.
func (hostFiles) Readlink(path string) string {
	target, err := os.Readlink(path)
	if err != nil {
		return ""
	}
	return target
}

// Read gives a file's content.
func (hostFiles) Read(path string) ([]byte, error) { return os.ReadFile(path) }

// asked notes which paths the view looks for on the host.
type asked struct {
	hostFiles
	paths map[string]bool
}

// Lstat notes what is there.
func (a asked) Lstat(path string) uint32 {
	mode := a.hostFiles.Lstat(path)
	if mode != 0 {
		a.paths[path] = true
	}
	return mode
}

// Read is not needed to know what is asked for.
func (asked) Read(string) ([]byte, error) { return nil, nil }

// etcShown lists what the minimal view has of /etc: what the enforcer's own table
// asks for, and the two files that it makes itself.
func etcShown() []string {
	a := asked{paths: map[string]bool{"/etc/passwd": true, "/etc/group": true}}
	var view namespaces.View
	view.AddEtc(a, nil, nil)
	return slices.Sorted(maps.Keys(a.paths))
}

// hostViewHides lists what the host view leaves out and is there.
func hostViewHides(home string) []string {
	out := []string{followed(home), "/dev"}
	for _, path := range namespaces.HostSecrets() {
		switch (hostFiles{}).Lstat(path) & syscall.S_IFMT {
		case syscall.S_IFDIR, syscall.S_IFREG: // a link's target is in the list itself
			out = append(out, path)
		}
	}
	return out
}
