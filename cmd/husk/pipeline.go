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

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// The way from a profile to a finished plan, the same for every command that
// needs one: load, resolve, find the program, compile the system call policy,
// and refuse what isn't enforced yet.

// source are the flags that say where profiles come from.
type source struct {
	profiles string   // --profiles
	set      []string // --set
	bin      string   // --bin
	enforcer string   // --enforcer
}

// flags adds --profiles and --set.
func (s *source) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.profiles, "profiles", "", "directory of profiles to use instead of the user's")
	cmd.Flags().StringArrayVar(&s.set, "set", nil, "value of a profile variable, as name=value")
	_ = cmd.MarkFlagDirname("profiles")
}

// installFlags adds --bin and --enforcer.
func (s *source) installFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.bin, "bin", "", "wrapper directory to use instead of the user's")
	cmd.Flags().StringVar(&s.enforcer, "enforcer", "", "path of husk-enforce, where it isn't beside husk")
	_ = cmd.MarkFlagDirname("bin")
	_ = cmd.MarkFlagFilename("enforcer")
}

// pipeline holds what all plans of one run have in common.
type pipeline struct {
	app       *app
	locations locations
	options   hcl.Options
	profiles  *hcl.Profiles
	overlay   *hcl.ProjectFile // of the project that wrappers are for, or nil
	finder    *wrappers.Finder
	enforcer  string   // "" where it was not asked for
	without   []string // directories that are not on PATH inside
	compiled  map[string]plan.Syscalls
	arch      string // that filters are compiled for (a GOARCH)
	// warned are the diagnostics so far that were no errors.
	warned hcl.Diagnostics
}

// newPipeline finds everything but reads no profile yet. Rules that begin at the
// working directory are looked at for cwd; it is empty where that isn't known.
func (a *app) newPipeline(s source, withEnforcer bool, cwd string) (*pipeline, error) {
	l, err := a.locations(s.profiles, s.bin)
	if err != nil {
		return nil, err
	}
	p := &pipeline{app: a, locations: l, without: l.withoutPath(), compiled: map[string]plan.Syscalls{}, arch: runtime.GOARCH}
	if withEnforcer {
		if p.enforcer, err = a.findEnforcer(s.enforcer); err != nil {
			return nil, err
		}
	}
	home, err := a.host.home()
	if err != nil {
		return nil, err
	}
	set, err := variables(s.set)
	if err != nil {
		return nil, err
	}
	p.options = hcl.Options{
		ProfilesDir: l.profiles, SystemDir: l.system, Set: set, Environ: a.host.environ,
		User: a.host.userName(), UID: a.host.uid, Home: home,
		Syscalls: syscallChecker{}, Reserved: a.reserved(l, p.enforcer),
	}
	// Every rule's markers are git's here: a profile with others is only looked at
	// less closely, the enforcer uses its own.
	anchors := wrappers.Anchors{Home: home, Cwd: cwd, Markers: []string{".git"}, Getenv: a.host.getenv}
	p.finder = wrappers.NewFinder(a.host.path(), p.without, anchors)
	return p, nil
}

// load reads the user's layer. Problems of its files are printed; with an error
// among them it fails, after all that is wrong anywhere was looked for: one
// mistake does not hide the others.
func (p *pipeline) load() error {
	profiles, diags := hcl.Load(p.options)
	p.profiles = profiles
	if diags.HasErrors() {
		if all := profiles.Check(); all.HasErrors() {
			diags = all
		}
	}
	return p.report(diags)
}

// report prints diagnostics with errors among them, and fails then. Others are
// kept for when all is done, so that nothing is printed twice.
func (p *pipeline) report(d hcl.Diagnostics) error {
	if len(d.List) == 0 {
		return nil
	}
	if !d.HasErrors() {
		p.warned = p.warned.And(d)
		return nil
	}
	p.app.printer().diagnostics(d)
	return status(statusProblem)
}

// printWarnings prints what was collected.
func (p *pipeline) printWarnings() { p.app.printer().diagnostics(p.warned) }

// syscallChecker checks system call policies while profiles are loaded.
type syscallChecker struct{}

func (syscallChecker) Check(policy plan.Syscalls) []hcl.SyscallProblem {
	var out []hcl.SyscallProblem
	for _, p := range (seccomp.Checker{}).Check(policy) {
		out = append(out, hcl.SyscallProblem{Origin: p.Origin, Summary: p.Summary, Detail: p.Detail, Warning: p.Warning, Attribute: p.Attribute})
	}
	return out
}

// resolve gives a plan whose program is still as written.
func (p *pipeline) resolve(profile, command string) (*plan.Plan, error) {
	resolved, diags := p.profiles.Resolve(profile, command)
	if err := p.report(diags); err != nil {
		return nil, err
	}
	return p.own(resolved), nil
}

// own is a plan that may be changed: those of one profile share their lists.
func (p *pipeline) own(resolved *plan.Plan) *plan.Plan {
	own := *resolved
	own.Environment.WithoutPath = p.without
	own.Supervisor = p.supervisor(&own)
	return &own
}

// withoutPath lists the directories that are not on PATH inside: the user's
// wrappers and those that are rendered now, as they are named and without links.
func (l locations) withoutPath() []string {
	usual := filepath.Join(l.data, "bin")
	dirs := []string{l.bin, followed(l.bin), usual, followed(usual)}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// complete finds the program and compiles the system call policy.
func (p *pipeline) complete(resolved *plan.Plan) (wrappers.Found, error) {
	found, err := p.finder.Complete(resolved)
	if err != nil {
		return found, p.noProgram(resolved, err)
	}
	return found, p.compile(resolved)
}

// noProgram explains why there is no program for a plan.
func (p *pipeline) noProgram(resolved *plan.Plan, err error) error {
	err = fmt.Errorf("profile %s: %w", quoted(resolved.Profile), err)
	if errors.Is(err, wrappers.ErrNotFound) {
		return hinted{err, "install it, or name its file: in the profile, command " + quoted(resolved.Command) + ` { exec = "/path/of/it" }`}
	}
	return err
}

// compile fills in the filter, and what belongs to every finished plan. Profiles share most of their policies, and a
// filter doesn't depend on where its lines come from, so each is made once.
func (p *pipeline) compile(resolved *plan.Plan) error {
	p.grantDrop(resolved)
	key := policyKey(resolved.Syscalls)
	done, ok := p.compiled[key]
	if !ok {
		var err error
		if done, err = seccomp.Compile(resolved.Syscalls, p.arch); err != nil {
			return fmt.Errorf("%sprofile %s: %w", at(resolved, resolved.Syscalls.Origin), quoted(resolved.Profile), err)
		}
		p.compiled[key] = done
	}
	resolved.Syscalls.Arch, resolved.Syscalls.Program, resolved.Syscalls.LogProgram = done.Arch, done.Program, done.LogProgram
	return p.compileBus(resolved)
}

// grantDrop lets a program that may drop its root start husk drop.
func (p *pipeline) grantDrop(resolved *plan.Plan) {
	self := p.app.host.executable
	if drop := resolved.LateDrop; drop != nil && drop.Chroot && self != "" && !slices.Contains(resolved.Program.Grants, self) {
		resolved.Program.Grants = append(slices.Clip(resolved.Program.Grants), self)
	}
}

// policyKey is a policy without its origins.
func policyKey(s plan.Syscalls) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %t", s.Default, s.ForeignABI, s.NoCore)
	for _, l := range s.Lists {
		fmt.Fprintf(&b, "\nlist %q %q", l.Action, l.Names)
	}
	for _, r := range s.Rules {
		fmt.Fprintf(&b, "\nrule %q %q %q", r.Call, r.When, r.Action)
	}
	return b.String()
}

// finish gives the plan for a command, with everything decided, to be enforced.
func (p *pipeline) finish(w named, in *project) (*plan.Plan, error) {
	resolved, err := p.resolveIn(in, w)
	if err != nil {
		return nil, err
	}
	if refused := checkEnforced(resolved); len(refused) > 0 {
		return nil, errors.Join(refused...)
	}
	if _, err := p.complete(resolved); err != nil {
		return nil, err
	}
	return resolved, nil
}
