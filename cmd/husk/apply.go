package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// applyFlags are those of husk apply.
type applyFlags struct {
	source
	renderer string
	library  []string
	project  string
	dryRun   bool
}

func (a *app) applyCommand() *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply [--library NAME,…] [--profiles DIR] [--bin DIR] [--renderer NAME] [--project DIR] [--dry-run]",
		Short: "render the wrappers of all profiles",
		Long: `Renders every command of every profile of yours, and of the library profiles that
--library names, into the wrapper directory. Only what differs is written; wrappers of
husk's own that no profile asks for are removed; a file that husk did not write, or that
was edited by hand, is reported and left alone, and the exit status is 1.

With an error in any profile nothing is changed.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.apply(f) },
	}
	f.flags(cmd)
	f.installFlags(cmd)
	cmd.Flags().StringVar(&f.renderer, "renderer", wrappers.Default, "what wrappers are: "+strings.Join(wrappers.Names(), ", ")+", or NAME for husk-render-NAME on PATH")
	cmd.Flags().StringSliceVar(&f.library, "library", nil, "library profiles to render as well")
	cmd.Flags().StringVar(&f.project, "project", "", "render for this project, with its .husk.hcl, into a directory of its own")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the change as a diff and change nothing")
	_ = cmd.RegisterFlagCompletionFunc("library", a.libraryNames)
	_ = cmd.RegisterFlagCompletionFunc("renderer", rendererNames)
	_ = cmd.MarkFlagDirname("project")
	return cmd
}

func (a *app) apply(f applyFlags) error {
	project, err := a.findProject(f)
	if err != nil {
		return err
	}
	if project != nil && f.bin == "" {
		if f.bin, err = a.projectBin(project.root); err != nil {
			return err
		}
	}
	p, err := a.newPipeline(f.source, true, project.directory())
	if err != nil {
		return err
	}
	renderer, err := wrappers.Select(f.renderer, a.host.path())
	if err != nil {
		return err
	}
	if renderer.Name() == "nix" {
		p.forStore()
	}
	o := wrappers.Options{
		Directory: p.locations.bin, Renderer: renderer, Enforcer: p.enforcer,
		Version: version(), DryRun: f.dryRun,
	}
	stamp := p.stamp(f, project)
	if stamp != "" && !f.dryRun {
		if files, fresh := wrappers.Fresh(o, stamp, p.finder); fresh {
			a.printer().note("%s up to date in %s", count(files, "wrapper file"), p.locations.bin)
			return nil
		}
	}
	plans, err := p.plansToApply(f, project)
	if err != nil {
		return err
	}
	if stamp != "" && len(p.warned.List) == 0 {
		if o.Memo, err = p.finder.Memo(stamp); err != nil {
			return err
		}
	}
	report, err := wrappers.Apply(o, plans)
	if err != nil {
		return err
	}
	p.printWarnings()
	p.tellRemoved(o, report, plans, f.library)
	return a.printReport(o, report, project)
}

// forStore makes the plans those of a tree in the Nix store: nothing of the machine
// and the user that build it is in them.
func (p *pipeline) forStore() {
	p.options.Reserved = p.app.reservedAnywhere(p.locations, p.enforcer)
	p.without = []string{filepath.Join(p.locations.bin, "bin")}
}

// plansToApply gives every plan, or all errors.
func (p *pipeline) plansToApply(f applyFlags, project *project) ([]*plan.Plan, error) {
	if err := p.load(); err != nil {
		return nil, err
	}
	if err := p.report(p.profiles.Check()); err != nil {
		return nil, err
	}
	if err := p.loadProject(project); err != nil {
		return nil, err
	}
	wanted, err := p.wanted(f.library)
	if err != nil {
		return nil, err
	}
	var plans []*plan.Plan
	var errs []error
	for _, w := range wanted {
		done, err := p.finish(w, project)
		var quiet status
		switch {
		case errors.As(err, &quiet): // its diagnostics are printed
			errs = append(errs, err)
		case err != nil:
			errs = append(errs, err)
		default:
			plans = append(plans, done)
		}
	}
	return plans, p.allOf(errs)
}

// allOf puts errors together. It drops those that were printed when they came up,
// and what two commands of a profile have in common is said once.
func (p *pipeline) allOf(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	seen := map[string]bool{}
	said := slices.DeleteFunc(slices.Clone(errs), func(err error) bool {
		var quiet status
		again := seen[err.Error()]
		seen[err.Error()] = true
		return again || errors.As(err, &quiet)
	})
	if len(said) == 0 {
		return status(statusProblem)
	}
	return errors.Join(said...)
}

// wanted lists the commands to render: all of the user's layer, then those of the
// library profiles that were asked for, in the order of their names. A library
// profile that one of the user's hides by its name is the user's.
func (p *pipeline) wanted(library []string) ([]named, error) {
	var chosen []hcl.Info
	all := p.profiles.List()
	for _, i := range all {
		if i.Layer == "user" {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) == 0 && len(library) == 0 {
		if _, err := os.Stat(p.locations.profiles); err != nil {
			return nil, hinted{fmt.Errorf("%w in %s", errNoProfiles, p.locations.profiles),
				"husk init writes a first one; husk apply --library npm,curl takes them from the library"}
		}
	}
	for _, name := range library {
		i, err := findLayered(all, name)
		if err != nil {
			return nil, err
		}
		if len(i.Commands) == 0 {
			return nil, fmt.Errorf("the library profile %s has no commands: it is for profiles to inherit from", quoted(name))
		}
		own := func(c hcl.Info) bool {
			return c.QualifiedName == i.QualifiedName || c.Layer == "user" && c.Name == i.Name
		}
		if !slices.ContainsFunc(chosen, own) {
			chosen = append(chosen, i)
		}
	}
	return commandsOf(chosen)
}

// findLayered finds a library profile by its name, or any by its qualified one.
func findLayered(all []hcl.Info, name string) (hcl.Info, error) {
	for _, i := range all {
		if i.QualifiedName == name || i.Layer == "library" && i.Name == name {
			return i, nil
		}
	}
	return hcl.Info{}, hinted{fmt.Errorf("the library has no profile %s", quoted(name)), "husk list --library shows them"}
}

// commandsOf lists the commands of profiles. One wrapper can't have two profiles.
func commandsOf(chosen []hcl.Info) ([]named, error) {
	var out []named
	var errs []error
	owner := map[string]hcl.Info{}
	for _, i := range chosen {
		for _, c := range i.Commands {
			if first, taken := owner[c]; taken {
				errs = append(errs, fmt.Errorf("the profiles %s (%s:%d) and %s (%s:%d) both have the command %s",
					quoted(first.QualifiedName), first.File, first.Line, quoted(i.QualifiedName), i.File, i.Line, quoted(c)))
				continue
			}
			owner[c] = i
			name := i.QualifiedName
			if !i.Shadowed {
				name = i.Name
			}
			out = append(out, named{name, c})
		}
	}
	slices.SortFunc(out, func(a, b named) int { return strings.Compare(a.command, b.command) })
	return out, errors.Join(errs...)
}

// printReport says what was done.
func (a *app) printReport(o wrappers.Options, r wrappers.Report, in *project) error {
	print := a.printer()
	for _, n := range r.Notes {
		print.note("%s", n)
	}
	if o.DryRun {
		if _, err := a.stdout.Write(r.Diff); err != nil {
			return err
		}
	}
	done := "wrote %s, removed %s, %d unchanged in %s"
	if o.DryRun {
		done = "would write %s, remove %s, %d unchanged in %s"
	}
	print.note(done, count(len(r.Written), "file"), count(len(r.Removed), "file"), r.Unchanged, o.Directory)
	for _, l := range r.Left {
		print.error(hinted{fmt.Errorf("%s %s, so it is left alone", l.Path, l.Why), "move it away, then husk apply again"})
	}
	if len(r.Left) > 0 {
		return status(statusProblem)
	}
	if !o.DryRun && len(r.Written) > 0 && !a.firstOnPath(o.Directory) {
		print.hint(pathHint(o, in))
	}
	return nil
}

// pathHint says how the wrappers come to be used.
func pathHint(o wrappers.Options, in *project) string {
	switch {
	case o.Renderer.Name() == "function":
		return "source husk-functions.sh (or .fish) of " + o.Directory + " in the shell's start-up file"
	case in != nil:
		return "put that directory first on PATH while you are in the project (in direnv's .envrc: PATH_add " + wrappers.QuotePOSIX(o.Directory) + ")"
	}
	return "the wrapper directory is not first on PATH: see husk hook --help"
}

// firstOnPath says whether the directory is the first entry of PATH.
func (a *app) firstOnPath(dir string) bool {
	path := a.host.path()
	return len(path) > 0 && sameFile(path[0], dir)
}

// count is "1 file" or "3 files".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
