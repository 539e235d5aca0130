package wrappers

import (
	"os"
	"path/filepath"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Anchors resolves the heads of a plan's paths for one user and, where it is
// known, one working directory.
type Anchors struct {
	// Home is the user's home directory, absolute.
	Home string
	// Cwd is the working directory, absolute; empty where it isn't known yet, as
	// when a wrapper is rendered.
	Cwd string
	// Markers make the nearest parent of Cwd that holds one the project root.
	Markers []string
	// Getenv looks a variable up; nil means there are none.
	Getenv func(string) string
}

// Resolve gives the absolute path. It is false for what isn't known or set.
func (a Anchors) Resolve(p plan.Path) (string, bool) {
	head := ""
	switch p.Anchor {
	case plan.AnchorRoot:
		return p.Path, filepath.IsAbs(p.Path)
	case plan.AnchorHome:
		head = a.Home
	case plan.AnchorCwd:
		head = a.Cwd
	case plan.AnchorProject:
		head = a.Project()
	case plan.AnchorEnv:
		if a.Getenv != nil {
			head = a.Getenv(p.Name)
		}
		if head == "" && p.Default != "" && a.Home != "" {
			head = filepath.Join(a.Home, p.Default)
		}
	}
	if !filepath.IsAbs(head) {
		return "", false
	}
	return filepath.Join(head, p.Path), true
}

// Project is the project root: the nearest directory from Cwd upwards that holds
// a marker, else Cwd itself; empty where Cwd is.
func (a Anchors) Project() string {
	if a.Cwd == "" {
		return ""
	}
	for dir := a.Cwd; ; dir = filepath.Dir(dir) {
		for _, marker := range a.Markers {
			if _, err := os.Lstat(filepath.Join(dir, marker)); err == nil {
				return dir
			}
		}
		if dir == "/" {
			return a.Cwd
		}
	}
}

// Covers says whether path is dir or lies below it. Both are clean and absolute.
func Covers(dir, path string) bool {
	if dir == "/" || dir == path {
		return true
	}
	return len(path) > len(dir) && path[:len(dir)] == dir && path[len(dir)] == '/'
}
