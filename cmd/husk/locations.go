package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/wrappers"
)

// systemProfiles is the administrator's layer.
const systemProfiles = "/etc/husk/profiles"

// locations are the directories that husk works with, all absolute.
type locations struct {
	profiles string // the user's layer
	usual    string // where that is without --profiles
	named    bool   // --profiles was given
	system   string // the administrator's
	bin      string // wrappers
	data     string // the wrappers of the user, and of projects, if not elsewhere
	state    string // trust, persistent homes
}

// locations finds them; profiles and bin are what the command line says, or "".
func (a *app) locations(profiles, bin string) (locations, error) {
	l := locations{named: profiles != "", system: a.systemProfiles}
	for _, want := range []struct {
		into            *string
		given           string
		variable, below string
		last            string
	}{
		{&l.usual, "", "XDG_CONFIG_HOME", ".config", "profiles"},
		{&l.profiles, profiles, "XDG_CONFIG_HOME", ".config", "profiles"},
		{&l.bin, bin, "XDG_DATA_HOME", ".local/share", "bin"},
		{&l.data, "", "XDG_DATA_HOME", ".local/share", ""},
		{&l.state, "", "XDG_STATE_HOME", ".local/state", ""},
	} {
		var err error
		if want.given != "" {
			*want.into, err = a.host.absolute(want.given)
		} else {
			*want.into, err = a.host.xdg(want.variable, want.below)
			*want.into = filepath.Join(*want.into, want.last)
		}
		if err != nil {
			return locations{}, err
		}
	}
	if l.named {
		if fi, err := os.Stat(l.profiles); err != nil {
			return locations{}, err
		} else if !fi.IsDir() {
			return locations{}, fmt.Errorf("%s is not a directory of profiles", l.profiles)
		}
	}
	return l, nil
}

// reserved lists what no sandbox may ever write: whoever can change one of these
// decides what the next sandbox is, with --profiles or --bin as well as without. Files
// of a profile directory that are links (stow, home-manager) are covered where they
// really are.
func (a *app) reserved(l locations, enforcer string) []plan.PathRule {
	paths := []string{l.bin, l.profiles, l.usual, l.data, l.state}
	if l.system != "" {
		paths = append(paths, filepath.Dir(l.system))
	}
	for _, program := range []string{a.host.executable, enforcer} {
		if program != "" {
			paths = append(paths, program)
		}
	}
	if enforcer != "" {
		paths = append(paths, besideEnforcer(enforcer))
	}
	for _, p := range slices.Clone(paths) {
		paths = append(paths, followed(p))
	}
	paths = append(paths, a.linkedProfiles(l.profiles)...)
	paths = append(paths, a.linkedProfiles(l.usual)...)
	slices.Sort(paths)
	var rules []plan.PathRule
	for _, p := range slices.Compact(paths) {
		rules = append(rules, plan.PathRule{Path: plan.Path{Path: p}, Origin: plan.NoOrigin})
	}
	return rules
}

// reservedAnywhere is reserved for wrappers that are rendered on another machine
// than they run on, or for another user (Nix builds): the places are those that
// the user has when the command starts.
func (a *app) reservedAnywhere(l locations, enforcer string) []plan.PathRule {
	var rules []plan.PathRule
	for _, x := range []struct{ directory, below string }{{"config", "husk/profiles"}, {"data", "husk"}, {"state", "husk"}} {
		if path, ok := plan.XDG(x.directory); ok {
			rules = append(rules, plan.PathRule{Path: path.Join(x.below), Origin: plan.NoOrigin})
		}
	}
	for _, path := range []string{filepath.Dir(l.system), a.host.executable, enforcer, besideEnforcer(enforcer)} {
		if wrappers.Covers(storeDirectory, path) {
			continue // read-only anyway, and naming it would make it part of the package
		}
		rules = append(rules, plan.PathRule{Path: plan.Path{Path: path}, Origin: plan.NoOrigin})
	}
	return rules
}

// linkedProfiles gives the directories that linked profile files lie in. Where
// such a directory is home or above, the file itself is given.
func (a *app) linkedProfiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // absent: nothing to protect; unreadable: loading says so
	}
	home, homeErr := a.host.home()
	var found []string
	for _, e := range entries {
		if e.Type()&os.ModeSymlink == 0 {
			continue
		}
		real, err := filepath.EvalSymlinks(filepath.Join(dir, e.Name()))
		if err != nil || wrappers.Covers(storeDirectory, real) { // a store is read-only anyway
			continue
		}
		in := filepath.Dir(real)
		if homeErr != nil || wrappers.Covers(in, home) {
			in = real
		}
		if !slices.Contains(found, in) {
			found = append(found, in)
		}
	}
	return found
}

// findEnforcer gives the absolute path of husk-enforce: what --enforcer says, else
// the one beside this program. It is never looked for in the environment or on
// PATH: whoever decides which enforcer starts decides whether there is a sandbox.
func (a *app) findEnforcer(given string) (string, error) {
	path := ""
	switch {
	case given != "":
		var err error
		if path, err = a.host.absolute(given); err != nil {
			return "", err
		}
	case a.host.executable == "":
		return "", hinted{errors.New("husk can't find its own program file, so not its enforcer either"), "name it with --enforcer"}
	default:
		path = filepath.Join(filepath.Dir(a.host.executable), "husk-enforce")
	}
	fi, err := os.Stat(path)
	switch {
	case err != nil:
		return "", hinted{fmt.Errorf("the enforcer is missing: %w", err), "install husk-enforce beside husk, or name it with --enforcer"}
	case !fi.Mode().IsRegular() || fi.Mode().Perm()&0o111 == 0:
		return "", fmt.Errorf("%s is not an executable file", path)
	case fi.Mode().Perm()&0o002 != 0:
		return "", fmt.Errorf("everybody can write to %s, so it can't be trusted to enforce anything", path)
	}
	return path, nil
}

// variables reads --set name=value.
func variables(given []string) (map[string]string, error) {
	set := make(map[string]string, len(given))
	for _, s := range given {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, usageError(fmt.Errorf("--set takes name=value, not %s", quoted(s)))
		}
		set[name] = value
	}
	return set, nil
}
