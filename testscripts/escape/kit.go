package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// kit is what is built once: the attempts' programs, who stands outside, and
// husk. Everybody may read it.
type kit struct {
	dir      string // stages are made in it
	programs string // c, sockets and preload.so: what a sandbox may see
	outside  string // the program of the victims
	bin      string // holds husk and husk-enforce
	built    string // the directory of all of this
	wrappers map[string]string
}

// shared is where kits lie, whatever TMPDIR is: the ordinary user must get there, too,
// and the address of a unix socket below it may have 107 bytes (unix(7)).
const shared = "/tmp"

// openKit makes a kit in a new directory. source is this package's directory.
func openKit(source, bin string) (*kit, error) {
	dir, err := os.MkdirTemp(shared, "husk-escape-")
	if err != nil {
		return nil, err
	}
	k := kitAt(dir)
	k.bin = bin
	for _, d := range []string{dir, k.programs, k.dir} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil { // MkdirTemp's is 0700
		return nil, err
	}
	return k, k.build(source)
}

func kitAt(dir string) *kit {
	return &kit{built: dir, programs: dir + "/programs", outside: dir + "/outside", dir: dir + "/stages", bin: dir + "/bin",
		wrappers: map[string]string{}}
}

// borrow gives a copy of somebody else's kit: attempts on the program that runs
// must be able to succeed without a sandbox.
func borrow(from string) (*kit, error) {
	dir, err := os.MkdirTemp(shared, "husk-escape-")
	if err != nil {
		return nil, err
	}
	theirs, k := kitAt(from), kitAt(dir)
	k.bin = theirs.bin
	if err := os.CopyFS(k.programs, os.DirFS(theirs.programs)); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(theirs.outside)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(k.outside, text, 0o755); err != nil {
		return nil, err
	}
	return k, os.Mkdir(k.dir, 0o755)
}

// build compiles. The C programs are static: they run in any view.
func (k *kit) build(source string) error {
	sources, err := filepath.Glob(filepath.Join(source, "programs/c/*.c"))
	if err != nil {
		return err
	}
	c := []string{"cc", "-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror"}
	builds := [][]string{
		append(append(c[:len(c):len(c)], "-static", "-o", k.programs+"/c"), sources...),
		append(c[:len(c):len(c)], "-static", "-o", k.outside, filepath.Join(source, "programs/outside/outside.c")),
		append(c[:len(c):len(c)], "-shared", "-fPIC", "-o", k.programs+"/preload.so", filepath.Join(source, "programs/preload/preload.c")),
		{"go", "build", "-trimpath", "-buildvcs=false", "-o", k.programs + "/sockets", "./" + filepath.Join(source, "programs/sockets")},
	}
	for _, argv := range builds {
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", argv[len(argv)-1], err, out)
		}
	}
	return nil
}

func (k *kit) remove() { removeAll(k.built) }
