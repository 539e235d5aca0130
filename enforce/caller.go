package enforce

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Caller is what the four anchors and the environment are resolved against:
// the process that typed the command, as it is now.
type Caller struct {
	UID, GID int
	Home     string // "" when HOME is not set to an absolute path
	Cwd      string
	Environ  []string
}

// currentCaller reads it from this process. A set-user-ID start is refused:
// everything here trusts its environment because it has no more rights than
// whoever set it.
func currentCaller(environ []string) (*Caller, error) {
	c := &Caller{UID: unix.Getuid(), GID: unix.Getgid(), Environ: environ}
	if c.UID != unix.Geteuid() || c.GID != unix.Getegid() {
		return nil, &Failure{Text: "husk-enforce was started with another effective user or group than the real one",
			Hint: "husk-enforce must never be set-user-ID or set-group-ID: chmod ug-s it"}
	}
	buffer := make([]byte, unix.PathMax)
	n, err := unix.Getcwd(buffer)
	if err == unix.ENAMETOOLONG {
		return nil, &Failure{Text: "the path of the working directory is too long: the kernel takes " + strconv.Itoa(unix.PathMax-1) + " bytes",
			Hint: "cd to a directory nearer to the root"}
	}
	if err != nil || n < 2 || buffer[0] != '/' {
		// The kernel answers "(unreachable)…" for a directory outside the root.
		return nil, &Failure{Text: "the working directory cannot be named: it was removed or lies outside of the root",
			Hint: "cd to a directory that is there"}
	}
	c.Cwd = string(buffer[:n-1])
	if home, ok := c.Getenv("HOME"); ok && path.IsAbs(home) {
		c.Home = path.Clean(home)
	}
	return c, nil
}

// Getenv looks a variable up; the first one counts, as in getenv(3).
func (c *Caller) Getenv(name string) (string, bool) {
	for _, entry := range c.Environ {
		if len(entry) > len(name) && entry[len(name)] == '=' && entry[:len(name)] == name {
			return entry[len(name)+1:], true
		}
	}
	return "", false
}

// errUnset says that an anchor's variable is unset: the rule is skipped.
var errUnset = errors.New("the variable is not set")

// anchors resolves the heads of paths; the project root is searched once.
type anchors struct {
	*Caller
	markers []string
	project string
}

// absolute gives the path with its anchor resolved; links are still in it.
func (a *anchors) absolute(p plan.Path) (string, error) {
	head, err := a.head(p)
	if err != nil {
		return "", err
	}
	if strings.IndexByte(head, 0) >= 0 || strings.IndexByte(p.Path, 0) >= 0 {
		return "", errors.New("path with a NUL byte")
	}
	return path.Join(head, p.Path), nil
}

func (a *anchors) head(p plan.Path) (string, error) {
	switch p.Anchor {
	case plan.AnchorRoot:
		if !path.IsAbs(p.Path) {
			return "", errors.New("not an absolute path: " + p.Path)
		}
		return "/", nil
	case plan.AnchorHome:
		return a.home()
	case plan.AnchorCwd:
		return a.Cwd, nil
	case plan.AnchorProject:
		return a.projectRoot(), nil
	case plan.AnchorEnv:
		return a.variable(p)
	}
	return "", errors.New("unknown anchor " + p.Anchor)
}

func (a *anchors) home() (string, error) {
	if a.Home == "" {
		return "", &Failure{Text: "HOME is not set to an absolute path, and the profile has paths below ${home}",
			Hint: "give the command one: HOME=/the/directory"}
	}
	return a.Home, nil
}

func (a *anchors) variable(p plan.Path) (string, error) {
	value, _ := a.Getenv(p.Name)
	switch {
	case path.IsAbs(value):
		return value, nil
	case value != "":
		return "", &Failure{Text: p.Name + " is " + value + ", not an absolute path"}
	case p.Default != "":
		home, err := a.home()
		return path.Join(home, p.Default), err
	}
	return "", errUnset
}

// projectRoot is the nearest parent of the working directory that holds one of
// the markers, else the working directory. The home directory and / are no
// projects even where they hold one: dotfiles are kept in git.
func (a *anchors) projectRoot() string {
	if a.project != "" {
		return a.project
	}
	a.project = a.Cwd
	home, _ := resolve(a.Home) // the working directory has no links in it
	for dir := a.Cwd; dir != "/" && dir != home.path; dir = path.Dir(dir) {
		for _, marker := range a.markers {
			var st unix.Stat_t
			if unix.Lstat(path.Join(dir, marker), &st) == nil {
				a.project = dir
				return dir
			}
		}
	}
	return a.project
}
