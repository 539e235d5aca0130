package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

// doctorVersion is the version of the JSON that `husk doctor --json` prints.
const doctorVersion = 1

// health is what husk doctor prints.
type health struct {
	Version int       `json:"version"`
	Kernel  []feature `json:"kernel"`
	// Tiers are how much of a sandbox can be had here.
	Tiers []tier `json:"tiers"`
	// Enforcer is the path of husk-enforce, "" where it is missing.
	Enforcer string `json:"enforcer"`
	Path     onPath `json:"path"`
	// Commands are the wrapped commands, as husk list has them.
	Commands []command `json:"commands"`
	// Problems are what keeps husk from working; the exit status is 1 with any.
	Problems []problem `json:"problems"`
}

// feature is something that the kernel may offer.
type feature struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Detail    string `json:"detail,omitempty"`
	Hint      string `json:"hint,omitempty"`
	// Degrade is what a profile's degrade calls it, "" where none can do without.
	Degrade string `json:"degrade,omitempty"`
	// Optional is for what only some profiles need.
	Optional bool `json:"optional,omitempty"`
}

// problem is one thing that is wrong.
type problem struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	// essential is false for what only weakens husk.
	Essential bool `json:"essential"`
}

func (a *app) doctorCommand() *cobra.Command {
	var s source
	var asJSON, appArmor bool
	cmd := &cobra.Command{
		Use:   "doctor [--json|--apparmor]",
		Short: "look whether husk can work here",
		Long: `Shows what this kernel offers for sandboxes and how much of one can be had with it, whether
the enforcer is there, whether the wrapper directory is first on PATH, and which file each
wrapper starts. The exit status is 1 where something essential is missing.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.doctor(s, asJSON, appArmor) },
	}
	s.flags(cmd)
	s.installFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&appArmor, "apparmor", false, "print an AppArmor profile that permits user namespaces to husk")
	oneOf(cmd, "json", "apparmor")
	return cmd
}

func (a *app) doctor(s source, asJSON, appArmor bool) error {
	p, err := a.newPipeline(s, false, "")
	if err != nil {
		return err
	}
	if appArmor {
		return a.printAppArmor(s, p.locations.bin)
	}
	h := health{Version: doctorVersion, Kernel: []feature{}, Commands: []command{}, Problems: []problem{}}
	a.examineKernel(&h)
	a.examineTmp(&h)
	a.examineCores(&h)
	a.examineEnforcer(&h, s)
	p.examinePath(&h)
	p.examineCommands(&h)
	if asJSON {
		err = a.printJSON(h)
	} else {
		err = a.printHealth(h)
	}
	essential := slices.ContainsFunc(h.Problems, func(p problem) bool { return p.Essential })
	if err == nil && essential {
		err = status(statusProblem)
	}
	return err
}

func (h *health) problem(essential bool, hint, format string, args ...any) {
	h.Problems = append(h.Problems, problem{Text: fmt.Sprintf(format, args...), Hint: hint, Essential: essential})
}

func (a *app) examineKernel(h *health) {
	features := a.probe()
	h.Tiers = tiersOf(features)
	for _, f := range features {
		h.Kernel = append(h.Kernel, feature{f.Name, f.Available, f.Detail, f.Hint, f.Degrade, f.Optional})
		if f.Available {
			continue
		}
		if f.Optional {
			h.problem(false, f.Hint, "%s cannot be had: %s", f.Name, f.Detail)
			continue
		}
		hint := f.Hint
		if f.Degrade != "" {
			hint += fmt.Sprintf("; a profile with degrade = [%q] does without", f.Degrade)
		}
		// Nothing is left out silently, so without it most profiles don't start.
		h.problem(true, hint, "this kernel does not offer %s: %s", f.Name, f.Detail)
	}
}

func (a *app) examineEnforcer(h *health, s source) {
	enforcer, err := a.findEnforcer(s.enforcer)
	if err != nil {
		hint := ""
		var with hinted
		if errors.As(err, &with) {
			hint = with.hint
		}
		h.problem(true, hint, "%v", err)
		return
	}
	h.Enforcer = enforcer
}

// examinePath looks where the wrapper directory stands.
func (p *pipeline) examinePath(h *health) {
	at := p.onPath()
	h.Path = at
	if !at.Exists {
		h.problem(true, "husk init, then husk apply", "the wrapper directory %s does not exist", at.Directory)
	} else if trouble := at.trouble(); trouble != "" {
		h.problem(true, hookHint, "%s", trouble)
	}
	if len(at.Relative) > 0 {
		h.problem(false, "take empty and relative entries out of PATH", "PATH has entries that mean another directory wherever you are: %q", at.Relative)
	}
}

// examineCommands looks at every wrapped command.
func (p *pipeline) examineCommands(h *health) {
	if err := p.load(); err != nil {
		h.problem(true, "husk check shows all of it", "the profiles in %s have errors", p.locations.profiles)
		return
	}
	commands, err := p.commands(p.profiles.List())
	if err != nil {
		h.problem(true, "husk check shows all of it", "the profiles in %s can't be resolved", p.locations.profiles)
		return
	}
	h.Commands = commands
	for _, c := range commands {
		switch {
		case c.Problem != "":
			h.problem(false, "", "%s of profile %s has no program: %s", c.Name, quoted(c.Profile), c.Problem)
		case !c.Installed:
			h.problem(false, "husk apply", "%s of profile %s has no wrapper yet", c.Name, quoted(c.Profile))
		case len(c.Before) > 0 && h.Path.Position > 0:
			h.problem(true, "", "%s starts %s, which stands on PATH before its wrapper", c.Name, c.Before[0])
		case c.stale():
			h.problem(false, "husk apply", "the wrapper of %s starts %s, and PATH has %s now", c.Name, c.Starts, c.Program)
		}
	}
}

// printHealth prints tables on standard output and problems on standard error.
func (a *app) printHealth(h health) error {
	out := a.printerOn(a.stdout)
	rows := [][]string{{"KERNEL", "", ""}}
	for _, f := range h.Kernel {
		rows = append(rows, []string{f.Name, yesNo(f.Available), f.Detail})
	}
	if err := out.table(rows); err != nil {
		return err
	}
	if err := out.tiers(h.Tiers); err != nil {
		return err
	}
	position := "not on PATH"
	if h.Path.Position > 0 {
		position = fmt.Sprintf("number %d on PATH", h.Path.Position)
	}
	enforcer := h.Enforcer
	if enforcer == "" {
		enforcer = "missing"
	}
	if err := out.table([][]string{{""}, {"enforcer", enforcer}, {"wrappers", h.Path.Directory, position}}); err != nil {
		return err
	}
	if len(h.Commands) > 0 {
		if _, err := fmt.Fprintln(a.stdout); err != nil {
			return err
		}
		if err := out.commands(h.Commands); err != nil {
			return err
		}
	}
	print := a.printer()
	for _, p := range h.Problems {
		if p.Essential {
			print.error(errors.New(p.Text))
		} else {
			print.warning("%s", p.Text)
		}
		if p.Hint != "" {
			print.hint(p.Hint)
		}
	}
	return nil
}
