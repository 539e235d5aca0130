package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// recipe is one way of running /bin/true.
type recipe struct {
	name string
	argv []string
	env  []string
	// missing says why it can't be run here.
	missing string
}

// profile's first one has nothing in it: everything a profile doesn't mention
// is closed, so this is what starts with the most to set up. The second one has
// the filtered network, and so a supervisor outside.
const profile = `profile "bench" {
  command "true" { exec = "/bin/true" }
}

profile "bench-filtered" {
  command "filtered" { exec = "/bin/true" }
  network {
    mode = "filtered"
    connect "registry.npmjs.org" { ports = [443] }
  }
}
`

// comparisons prepares every recipe in place and pairs them. A goal is what
// the median is to reach; "" where there is none.
// remove takes away what lies outside of place.
func comparisons(place, bin, source string) (list []comparison, remove func(), err error) {
	husk, err := huskRecipe(place, bin)
	if err != nil {
		return nil, nil, err
	}
	plain, err := plainRecipe(place, bin, source)
	if err != nil {
		return nil, nil, err
	}
	closed, remove, err := closureRecipe(place, bin)
	if err != nil {
		remove()
		return nil, nil, err
	}
	bare := recipe{name: "bare", argv: []string{"/bin/true"}, env: os.Environ()}
	filtered := recipe{name: "filtered network", env: husk.env,
		argv: []string{filepath.Join(filepath.Dir(husk.argv[0]), "filtered")}}
	bwrap := bubblewrapRecipe()
	return []comparison{
		pair(husk, husk, "1"),
		pair(husk, bwrap, "<= 0.90"),
		pair(husk, plain, "<= 1.40"),
		pair(husk, bare, ""),
		pair(bwrap, plain, ""),
		pair(closed, husk, "+ 15 ms"),
		pair(filtered, husk, "+ 4 ms"),
	}, remove, nil
}

// huskRecipe renders a wrapper and gives its path.
func huskRecipe(place, bin string) (recipe, error) {
	profiles, wrappers := filepath.Join(place, "profiles"), filepath.Join(place, "wrappers")
	if err := os.Mkdir(profiles, 0o755); err != nil {
		return recipe{}, err
	}
	if err := os.WriteFile(filepath.Join(profiles, "bench.hcl"), []byte(profile), 0o644); err != nil {
		return recipe{}, err
	}
	env := os.Environ() // HOME as well: it usually isn't in /tmp, as place is
	cmd := exec.Command(filepath.Join(bin, "husk"), "apply", "--profiles", profiles, "--bin", wrappers)
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		return recipe{}, fmt.Errorf("husk apply: %w\n%s", err, out)
	}
	return recipe{name: "husk", argv: []string{filepath.Join(wrappers, "true")}, env: env}, nil
}

// plainRecipe compiles the C program. A machine without a C compiler or a
// static libc goes without the comparison.
func plainRecipe(place, bin, source string) (recipe, error) {
	program := filepath.Join(place, "plain")
	r := recipe{name: "plain", env: os.Environ()}
	if _, err := exec.LookPath("cc"); err != nil {
		r.missing = "cc is not installed"
		return r, nil
	}
	cmd := exec.Command("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-o", program, source)
	if out, err := cmd.CombinedOutput(); err != nil {
		return recipe{}, fmt.Errorf("cc: %w\n%s", err, out)
	}
	steps, err := exec.Command(filepath.Join(bin, "husk"), "explain", "bench", "--steps",
		"--profiles", filepath.Join(place, "profiles")).Output()
	if err != nil {
		return recipe{}, fmt.Errorf("husk explain --steps: %w", err)
	}
	session := filepath.Join(place, "session")
	if err := os.Mkdir(session, 0o700); err != nil {
		return recipe{}, err
	}
	args, mounts, err := translate(string(steps), session)
	if err != nil {
		return recipe{}, err
	}
	r.name = fmt.Sprintf("plain (%d mounts)", mounts)
	r.argv = append(append([]string{program}, args...), "--", "/bin/true")
	return r, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// bubblewrapRecipe is the recipe of its README and its demos/, with every
// namespace.
func bubblewrapRecipe() recipe {
	r := recipe{name: "bubblewrap", env: os.Environ()}
	path, err := exec.LookPath("bwrap")
	if err != nil {
		r.missing = "bwrap is not installed"
		return r
	}
	r.argv = []string{path, "--ro-bind", "/usr", "/usr"}
	// A merged /usr has symlinks beside it, an unmerged one directories.
	for _, dir := range []string{"lib", "lib64", "bin", "sbin"} {
		info, err := os.Lstat("/" + dir)
		switch {
		case err != nil:
		case info.Mode()&os.ModeSymlink != 0:
			r.argv = append(r.argv, "--symlink", "usr/"+dir, "/"+dir)
		default:
			r.argv = append(r.argv, "--ro-bind", "/"+dir, "/"+dir)
		}
	}
	for _, file := range []string{"resolv.conf", "passwd", "group"} {
		r.argv = append(r.argv, "--ro-bind-try", "/etc/"+file, "/etc/"+file)
	}
	r.argv = append(r.argv,
		"--dir", "/var", "--symlink", "../tmp", "var/tmp",
		"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/",
		"--unshare-all", "--unshare-cgroup", "--die-with-parent", "--", "/bin/true")
	return r
}
