package wrappers

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Options says what [Apply] installs where.
type Options struct {
	// Directory is the wrapper directory, absolute. It is made where absent.
	Directory string
	Renderer  Renderer
	// Enforcer is the absolute path of husk-enforce.
	Enforcer string
	// Version is husk's own.
	Version string
	// DryRun changes nothing and fills Report.Diff.
	DryRun bool
	// Memo, where not nil, is kept for [Fresh].
	Memo *Memo
}

// Left is a file that was left alone although it is in the way.
type Left struct {
	Path string // absolute
	Why  string
}

// Report is what [Apply] did, or would do.
type Report struct {
	Written   []string // new or changed, relative to the directory, sorted
	Removed   []string // relative to the directory, sorted
	Unchanged int
	Left      []Left
	Notes     []string
	// Diff is the change as a unified diff, for a dry run.
	Diff []byte
}

// Apply makes the wrapper directory hold the files for exactly these plans: it
// writes what differs, removes what it wrote earlier and nobody asks for, and
// leaves alone, and reports, what it did not write or somebody edited.
//
// It renders everything before it changes anything, so an error of a renderer
// changes nothing. Two at once wait for each other. Each file is exchanged by
// rename(2): whoever starts it gets the old or the new one, and so does
// everybody after a crash at any moment.
func Apply(o Options, plans []*plan.Plan) (report Report, err error) {
	wanted, notes, err := renderAll(o, plans)
	if err != nil {
		return Report{}, err
	}
	if _, tree := o.Renderer.(treeRenderer); tree {
		report, err = applyTree(o, wanted)
		report.Notes = notes
		return report, err
	}
	dir, err := openDirectory(o.Directory, !o.DryRun)
	if o.DryRun && errors.Is(err, ErrNoDirectory) {
		return dryRunNothingThere(o, wanted, notes)
	}
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, dir.close()) }()
	if !o.DryRun {
		if err := dir.acquire(); err != nil {
			return Report{}, err
		}
		if err := dir.removeLeftovers(); err != nil {
			return Report{}, err
		}
	}
	old, err := dir.readManifest()
	if err != nil {
		return Report{}, fmt.Errorf("%w; husk can't tell its own files without it", err)
	}
	changes, err := decide(dir, old, wanted)
	if err != nil {
		return Report{}, err
	}
	report = changes.report(dir)
	report.Notes = notes
	if o.DryRun {
		report.Diff, err = changes.diff(dir)
		return report, err
	}
	return report, changes.install(dir, old, o.memo(report))
}

// memo is what the manifest keeps for [Fresh]. Where there is something to tell
// the user, the next run has to tell it again, so nothing is kept.
func (o Options) memo(r Report) *Memo {
	if o.Memo == nil || len(r.Left) > 0 || len(r.Notes) > 0 {
		return nil
	}
	m := *o.Memo
	m.Stamp = o.stamp(m.Stamp)
	return &m
}

// dryRunNothingThere reports on a directory that apply would make.
func dryRunNothingThere(o Options, wanted map[string]File, notes []string) (Report, error) {
	c := changes{create: slices.Sorted(maps.Keys(wanted)), wanted: wanted}
	d := &directory{path: o.Directory}
	report := c.report(d)
	report.Notes = notes
	var err error
	report.Diff, err = c.diff(d)
	return report, err
}

// renderAll renders every plan, on all processors, and puts the files together.
// All errors are returned, not the first only.
func renderAll(o Options, plans []*plan.Plan) (map[string]File, []string, error) {
	renderings := make([]Rendering, len(plans))
	errs := make([]error, len(plans))
	var group sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(plans))
	for w := range workers {
		group.Go(func() {
			for i := w; i < len(plans); i += workers {
				renderings[i], errs[i] = render(o.Renderer, Job{
					Plan: plans[i], Enforcer: o.Enforcer, Directory: o.Directory, Version: o.Version,
				})
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	return merge(plans, renderings)
}

// merge puts the renderings into one set of files.
func merge(plans []*plan.Plan, renderings []Rendering) (map[string]File, []string, error) {
	files := make(map[string]File, len(plans))
	owner := make(map[string]string, len(plans)) // file name to command
	var notes []string
	for i, r := range renderings {
		command := plans[i].Command
		if r.Note != "" && !slices.Contains(notes, r.Note) {
			notes = append(notes, r.Note)
		}
		for _, f := range r.Files {
			other, taken := files[f.Name]
			if taken && (other.Mode != f.Mode || string(other.Content) != string(f.Content)) {
				return nil, nil, fmt.Errorf("the commands %q and %q both need a file %s, with different content", owner[f.Name], command, f.Name)
			}
			files[f.Name], owner[f.Name] = f, command
		}
	}
	return files, notes, nil
}

// applyTree writes a tree that another tool owns from then on.
func applyTree(o Options, wanted map[string]File) (Report, error) {
	c := changes{create: slices.Sorted(maps.Keys(wanted)), wanted: wanted}
	report := c.report(&directory{path: o.Directory})
	if o.DryRun {
		var err error
		report.Diff, err = c.diff(&directory{path: o.Directory})
		return report, err
	}
	entries, err := os.ReadDir(o.Directory)
	if err != nil && !os.IsNotExist(err) {
		return Report{}, err
	}
	if len(entries) > 0 {
		return Report{}, fmt.Errorf("%s is not empty: the %s renderer writes a whole tree into a new directory", o.Directory, o.Renderer.Name())
	}
	for _, name := range c.create {
		path := filepath.Join(o.Directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return Report{}, err
		}
		f := wanted[name]
		if err := os.WriteFile(path, f.Content, f.Mode); err != nil {
			return Report{}, err
		}
		if err := os.Chmod(path, f.Mode); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}
