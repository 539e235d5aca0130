package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// closurePaths is the size of a large program's closure: a desktop application's
// has some hundred store paths, a whole system's some thousand.
const closurePaths = 2000

// closureRecipe is husk with a closure: one Landlock rule per store path. remove
// takes away what it put into the store.
func closureRecipe(place, bin string) (r recipe, remove func(), err error) {
	r = recipe{name: fmt.Sprintf("husk with %d store paths", closurePaths), env: os.Environ()}
	remove = func() {}
	const store = "/nix/store"
	if os.Getuid() != 0 {
		r.missing = "only root writes " + store
		return r, remove, nil
	}
	if err := os.MkdirAll(store, 0o755); err != nil {
		return r, remove, err
	}
	paths := make([]string, closurePaths)
	for i := range paths {
		paths[i] = fmt.Sprintf("%s/husk-bench-%04d", store, i)
	}
	remove = func() {
		for _, path := range paths {
			_ = os.Remove(path)
		}
	}
	for _, path := range paths {
		if err := os.Mkdir(path, 0o755); err != nil && !os.IsExist(err) {
			return r, remove, err
		}
	}
	list := filepath.Join(place, "closure")
	if err := os.WriteFile(list, []byte(strings.Join(paths, "\n")), 0o644); err != nil {
		return r, remove, err
	}
	out := filepath.Join(place, "closed")
	cmd := exec.Command(filepath.Join(bin, "husk"), "render", filepath.Join(place, "profiles", "bench.hcl"),
		"--target", "exec", "--out", out, "--closure", list)
	if text, err := cmd.CombinedOutput(); err != nil {
		return r, remove, fmt.Errorf("husk render: %w\n%s", err, text)
	}
	r.argv = []string{filepath.Join(out, "true")}
	return r, remove, nil
}
