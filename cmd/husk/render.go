package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// renderFlags are those of husk render.
type renderFlags struct {
	target   string
	out      string
	commands []string // NAME=PROFILE
	path     string
	closure  string
	arch     string
	enforcer string
	set      []string
}

func (a *app) renderCommand() *cobra.Command {
	var f renderFlags
	cmd := &cobra.Command{
		Use:   "render FILE… --out DIR [--target NAME] [--command NAME=PROFILE] [--path DIRS] [--closure FILE] [--arch ARCH]",
		Short: "render wrappers for a package, away from any user",
		Long: `Renders the wrappers of the profiles in the files into a new directory, for tools that
build packages. The result depends on the files, the flags and the library alone: no
profile of yours or of the machine, no HUSK_VAR_ variable and no user name is looked at,
and nothing of the machine is written down. It may be used elsewhere, by another user, on
another architecture.

The target nix puts wrappers into DIR/bin and plans into DIR/share/husk/plans. Every command
of every profile is rendered, or those that --command names. Programs are looked for in the
directories of --path. --closure names a file with one store path per line: of the store,
only these can be read inside.`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return a.render(f, args) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.target, "target", "nix", "what wrappers are: "+strings.Join(wrappers.Names(), ", ")+", or NAME for husk-render-NAME on PATH")
	flags.StringVar(&f.out, "out", "", "directory to write, which is absent or empty")
	flags.StringArrayVar(&f.commands, "command", nil, "a command to wrap and its profile, as NAME=PROFILE")
	flags.StringVar(&f.path, "path", a.host.getenv("PATH"), "where programs are found, directories as in PATH")
	flags.Lookup("path").DefValue = "$PATH"
	flags.StringVar(&f.closure, "closure", "", "file with the store paths that can be read inside, one per line")
	flags.StringVar(&f.arch, "arch", runtime.GOARCH, "architecture that the wrappers are for: amd64 or arm64")
	flags.Lookup("arch").DefValue = "this machine's"
	flags.StringVar(&f.enforcer, "enforcer", "", "path of the husk-enforce that the wrappers start, where it isn't beside husk")
	flags.StringArrayVar(&f.set, "set", nil, "value of a profile variable, as name=value")
	_ = cmd.MarkFlagRequired("out")
	_ = cmd.MarkFlagDirname("out")
	_ = cmd.MarkFlagFilename("closure")
	_ = cmd.MarkFlagFilename("enforcer")
	_ = cmd.RegisterFlagCompletionFunc("target", rendererNames)
	_ = cmd.RegisterFlagCompletionFunc("arch", words("amd64", "arm64"))
	return cmd
}

func (a *app) render(f renderFlags, files []string) error {
	renderer, err := wrappers.Select(f.target, a.host.path())
	if err != nil {
		return err
	}
	p, err := a.hermetic(f)
	if err != nil {
		return err
	}
	if err := p.loadFiles(files); err != nil {
		return err
	}
	plans, err := p.plansToRender(f)
	if err != nil {
		return err
	}
	report, err := wrappers.Apply(wrappers.Options{
		Directory: p.locations.bin, Renderer: renderer, Enforcer: p.enforcer, Version: version(),
	}, plans)
	if err != nil {
		return err
	}
	p.printWarnings()
	return a.printRendered(report)
}

// hermetic is a pipeline that knows nothing of the machine and the user.
func (a *app) hermetic(f renderFlags) (*pipeline, error) {
	enforcer, err := a.findEnforcer(f.enforcer)
	if err != nil {
		return nil, err
	}
	out, err := a.host.absolute(f.out)
	if err != nil {
		return nil, err
	}
	set, err := variables(f.set)
	if err != nil {
		return nil, err
	}
	p := &pipeline{
		app: a, enforcer: enforcer, arch: f.arch, compiled: map[string]plan.Syscalls{},
		locations: locations{system: systemProfiles, bin: out},
		without:   []string{filepath.Join(out, "bin")},
	}
	p.options = hcl.Options{Set: set, UID: hcl.NoUser, Syscalls: syscallChecker{}, Reserved: a.reservedAnywhere(p.locations, enforcer)}
	p.finder = wrappers.NewFinder(filepath.SplitList(f.path), p.without, wrappers.Anchors{})
	return p, nil
}

// loadFiles reads these files and nothing else of the machine's.
func (p *pipeline) loadFiles(files []string) error {
	profiles, diags := hcl.LoadFiles(p.options, files)
	p.profiles = profiles
	return p.report(diags.And(profiles.Check()))
}

// plansToRender gives one finished plan per command, or all errors.
func (p *pipeline) plansToRender(f renderFlags) ([]*plan.Plan, error) {
	closure, err := readClosure(f.closure)
	if err != nil {
		return nil, err
	}
	wanted, err := p.commandsToRender(f.commands)
	if err != nil {
		return nil, err
	}
	var plans []*plan.Plan
	var errs []error
	for _, w := range wanted {
		done, err := p.planToRender(w)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		done.Program.Closure = closure
		plans = append(plans, done)
	}
	return plans, p.allOf(errs)
}

// planToRender finishes the plan of one command. The profile need not know it:
// then it starts the program of its name.
func (p *pipeline) planToRender(w named) (*plan.Plan, error) {
	commands, diags := p.profiles.Commands(w.profile)
	if err := p.report(diags); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(commands, func(c hcl.Command) bool { return c.Name == w.command }) {
		return p.finish(w, nil)
	}
	resolved, err := p.resolve(w.profile, "")
	if err != nil {
		return nil, err
	}
	resolved.Command, resolved.Program.Path = w.command, w.command
	if refused := checkEnforced(resolved); len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	_, err = p.complete(resolved)
	return resolved, err
}

// commandsToRender reads --command; without it, all commands of the files are
// meant.
func (p *pipeline) commandsToRender(given []string) ([]named, error) {
	var own []hcl.Info
	for _, i := range p.profiles.List() {
		if i.Layer == "user" {
			own = append(own, i)
		}
	}
	if len(given) == 0 {
		wanted, err := commandsOf(own)
		if err == nil && len(wanted) == 0 {
			err = hinted{errors.New("the files have no profile with commands"), "name them with --command NAME=PROFILE"}
		}
		return wanted, err
	}
	var out []named
	for _, g := range given {
		command, profile, ok := strings.Cut(g, "=")
		if !ok {
			return nil, usageError(fmt.Errorf("--command takes NAME=PROFILE, not %s", quoted(g)))
		}
		out = append(out, named{profile, command})
	}
	return out, nil
}

// readClosure reads a list of store paths, sorted and without duplicates.
func readClosure(file string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	paths := strings.Fields(string(text))
	if len(paths) == 0 {
		return nil, fmt.Errorf("the closure in %s is empty: nothing could be started", file)
	}
	for _, path := range paths {
		if filepath.Dir(path) != storeDirectory {
			return nil, fmt.Errorf("%s is not a path in %s", quoted(path), storeDirectory)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// storeDirectory is where Nix keeps what it builds.
const storeDirectory = namespaces.NixStore

func (a *app) printRendered(r wrappers.Report) error {
	print := a.printer()
	for _, n := range r.Notes {
		print.note("%s", n)
	}
	var errs []error
	for _, l := range r.Left {
		errs = append(errs, fmt.Errorf("%s %s", l.Path, l.Why))
	}
	return errors.Join(errs...)
}
