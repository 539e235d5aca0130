package main

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
)

// host is what husk takes from its surroundings: the user, the environment, the
// working directory. Everything else is in profiles.
type host struct {
	environ []string // "name=value" each
	uid     int      // effective
	cwd     string
	// executable is the running husk, free of symbolic links.
	executable string
}

func thisHost() host {
	h := host{environ: os.Environ(), uid: os.Geteuid()}
	// Whoever needs one of these two says so when it is empty.
	if cwd, err := os.Getwd(); err == nil {
		h.cwd = cwd
	}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			h.executable = real
		}
	}
	return h
}

// getenv gives a variable's value, "" where it is not set. The first one counts
// where a name stands twice, as for the C library.
func (h host) getenv(name string) string {
	for _, e := range h.environ {
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// home is the user's home directory: HOME, else what the password file says.
func (h host) home() (string, error) {
	if home := h.getenv("HOME"); home != "" {
		if !filepath.IsAbs(home) {
			return "", fmt.Errorf("HOME is not an absolute path: %s", quoted(home))
		}
		return filepath.Clean(home), nil
	}
	u, err := user.LookupId(strconv.Itoa(h.uid))
	if err != nil {
		return "", fmt.Errorf("HOME is not set: %w", err)
	}
	if !filepath.IsAbs(u.HomeDir) {
		return "", errors.New("HOME is not set, and the password file has no home directory for you")
	}
	return filepath.Clean(u.HomeDir), nil
}

// userName is the name behind the user id.
func (h host) userName() string {
	if u, err := user.LookupId(strconv.Itoa(h.uid)); err == nil {
		return u.Username
	}
	if name := h.getenv("USER"); name != "" {
		return name
	}
	return strconv.Itoa(h.uid)
}

// path gives the directories of PATH.
func (h host) path() []string { return filepath.SplitList(h.getenv("PATH")) }

// xdg gives a base directory of husk's own: $NAME/husk, else the default below
// home. A relative value is not used (XDG Base Directory Specification 0.8).
func (h host) xdg(variable, below string) (string, error) {
	if dir := h.getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "husk"), nil
	}
	home, err := h.home()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, below, "husk"), nil
}

// absolute makes a path of the command line absolute.
func (h host) absolute(path string) (string, error) {
	if filepath.IsAbs(path) {
		return filepath.Clean(path), nil
	}
	if h.cwd == "" {
		return "", fmt.Errorf("the working directory can't be found, so %s means nothing", quoted(path))
	}
	return filepath.Join(h.cwd, path), nil
}
