package wrappers

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/plan/encode"
)

// Job is one command to render.
type Job struct {
	Plan *plan.Plan
	// Enforcer is the absolute path of husk-enforce.
	Enforcer string
	// Directory is the absolute path of the directory that the files are made
	// for. Files that name each other need it; rendering writes nothing to it.
	Directory string
	// Version is husk's own, for the comment at the head of each file.
	Version string
}

// File is one file of a rendering.
type File struct {
	// Name is relative to the directory, clean, and leaves it nowhere.
	Name string
	// Mode holds permission bits only.
	Mode    fs.FileMode
	Content []byte
}

// Modes of rendered files. They are set whatever the umask is.
const (
	modeExecutable fs.FileMode = 0o755
	modeData       fs.FileMode = 0o644
)

// Rendering is what a renderer makes of one job.
type Rendering struct {
	Files []File
	// Note, where not empty, is something that the user should be told once.
	Note string
}

// Renderer turns a plan into files. Renderers keep no state between jobs and
// are called from several goroutines at once; the same job always gives the same
// bytes. Two jobs may give the same file as long as its content is the same.
type Renderer interface {
	// Name is how users call the renderer.
	Name() string
	// Render gives the files for one command.
	Render(Job) (Rendering, error)
}

// A treeRenderer makes a tree for another tool to own (the Nix store): it is
// written once into an empty directory and has no manifest.
type treeRenderer interface {
	ownsWholeTree()
}

// Default is the name of the renderer that is used where none is named.
const Default = "exec"

var builtin = []Renderer{execRenderer{}, shRenderer{}, functionRenderer{}, nixRenderer{store: "/nix/store"}}

// Names lists the built-in renderers, the default first.
func Names() []string {
	names := make([]string, len(builtin))
	for i, r := range builtin {
		names[i] = r.Name()
	}
	return names
}

// Select gives the renderer of that name: a built-in one, else the program
// husk-render-NAME in one of the directories of path (as in PATH). It fails
// where there is neither.
func Select(name string, path []string) (Renderer, error) {
	if name == "" {
		name = Default
	}
	for _, r := range builtin {
		if r.Name() == name {
			return r, nil
		}
	}
	return findExternal(name, path)
}

// check refuses a job that no renderer could render safely.
func (j Job) check() error {
	if err := CheckCommandName(j.Plan.Command); err != nil {
		return err
	}
	for _, p := range []string{j.Enforcer, j.Directory, j.Plan.Program.Path} {
		if !filepath.IsAbs(p) || strings.IndexByte(p, 0) >= 0 {
			return fmt.Errorf("%q is not an absolute path", p)
		}
	}
	return nil
}

// render checks the job, renders it and checks the files.
func render(r Renderer, j Job) (Rendering, error) {
	if err := j.check(); err != nil {
		return Rendering{}, err
	}
	out, err := r.Render(j)
	if err != nil {
		return Rendering{}, fmt.Errorf("%s: renderer %s: %w", j.Plan.Command, r.Name(), err)
	}
	for _, f := range out.Files {
		if err := checkFileName(f.Name); err != nil {
			return Rendering{}, fmt.Errorf("%s: renderer %s: %w", j.Plan.Command, r.Name(), err)
		}
	}
	return out, nil
}

// CheckCommandName says why a name cannot be that of a wrapper: it becomes a
// file name, argv[0] and a word in shell code.
func CheckCommandName(name string) error {
	switch {
	case name == "":
		return errors.New("a command's name is empty")
	case strings.ContainsAny(name, "/\x00"), name == ".", name == "..":
		return fmt.Errorf("%q is not a command's name but a path", name)
	case name[0] == '.' || name[0] == '-':
		return fmt.Errorf("a command's name cannot begin with %q: %q", name[:1], name)
	case len(name) > 200:
		return fmt.Errorf("a command's name is longer than 200 bytes: %.20q…", name)
	case !printable(name):
		return fmt.Errorf("a command's name holds a character that cannot be printed: %q", name)
	case slices.Contains(ownCommands, name):
		return fmt.Errorf("%q is husk's own and cannot be wrapped", name)
	}
	return nil
}

// A wrapped husk could not write its own wrappers, a wrapped enforcer would
// start itself.
var ownCommands = []string{"husk", enforcerName}

// enforcerName is the base name of the enforcer's file.
const enforcerName = "husk-enforce"

// checkFileName accepts only what stays inside the wrapper directory and clear
// of husk's own files in it.
func checkFileName(name string) error {
	switch {
	case !filepath.IsLocal(name), filepath.Clean(name) != name, name == ".", !printable(name):
		return fmt.Errorf("file name %q is not a clean relative one", name)
	case strings.HasPrefix(name, ownPrefix) && !strings.HasPrefix(name, plansDir+"/"):
		return fmt.Errorf("file name %q is one of husk's own", name)
	}
	return nil
}

// planFile is the plan as a file of its own, for renderers whose wrapper cannot
// hold it.
func planFile(j Job, renderer, name string) (File, error) {
	text, err := encode.Plan(j.Plan)
	if err != nil {
		return File{}, err
	}
	return File{Name: name, Mode: modeData, Content: append([]byte(header(j, renderer)), text...)}, nil
}
