package main

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// listVersion is the version of the JSON that `husk list --json` prints.
const listVersion = 1

// listing is what husk list prints.
type listing struct {
	Version  int       `json:"version"`
	Profiles []listed  `json:"profiles"`
	Commands []command `json:"commands"`
	Path     onPath    `json:"path"`
}

// listed is one profile.
type listed struct {
	Name        string   `json:"name"`
	Qualified   string   `json:"qualified_name"`
	Layer       string   `json:"layer"` // user, system or library
	File        string   `json:"file"`
	Line        int      `json:"line"`
	Description string   `json:"description"`
	Commands    []string `json:"commands"`
	Shadowed    bool     `json:"shadowed"` // a nearer layer has one of this name
}

// command is one wrapped command.
type command struct {
	Name    string `json:"name"`
	Profile string `json:"profile"`
	// Starts is what the wrapper that is there starts.
	Starts string `json:"starts,omitempty"`
	// Program is what it would start when rendered now, "" with Problem set where
	// nothing can be found.
	Program string `json:"program,omitempty"`
	File    string `json:"file,omitempty"` // behind Program, without links
	Problem string `json:"problem,omitempty"`
	Wrapper string `json:"wrapper"` // where the wrapper is, or would be
	// Installed says whether there is a wrapper now.
	Installed bool `json:"installed"`
	// Before are files of the same name that stand on PATH before the wrapper and
	// so are started instead of it. Shadows are those that the wrapper hides.
	Before  []string  `json:"before"`
	Shadows []string  `json:"shadows"`
	Skipped []skipped `json:"skipped"`
}

// skipped is a file that was not taken as the program.
type skipped struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

func (a *app) listCommand() *cobra.Command {
	var s source
	var library, asJSON bool
	cmd := &cobra.Command{
		Use:   "list [--library] [--json]",
		Short: "show profiles, commands, and which file each wrapper starts",
		Long: `Shows each command of your profiles: the profile, the file that its wrapper would start,
and what it shadows or is shadowed by on PATH. With --library, the library's profiles.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.list(s, library, asJSON) },
	}
	s.flags(cmd)
	s.installFlags(cmd)
	cmd.Flags().BoolVar(&library, "library", false, "show the profiles of the library")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) list(s source, library, asJSON bool) error {
	p, err := a.newPipeline(s, false, "")
	if err != nil {
		return err
	}
	if err := p.load(); err != nil {
		return err
	}
	all := p.profiles.List()
	if library {
		all = slices.DeleteFunc(all, func(i hcl.Info) bool { return i.Layer != "library" })
	}
	out := listing{Version: listVersion, Profiles: []listed{}, Commands: []command{}, Path: p.onPath()}
	for _, i := range all {
		out.Profiles = append(out.Profiles, listedOf(i))
	}
	if !library {
		if out.Commands, err = p.commands(all); err != nil {
			return err
		}
	}
	p.printWarnings()
	switch {
	case asJSON:
		return a.printJSON(out)
	case library:
		return a.printerOn(a.stdout).profiles(out.Profiles)
	}
	if len(out.Commands) == 0 {
		a.printer().note("no profile of yours in %s wraps a command", p.locations.profiles)
		a.printer().hint("husk list --library shows what the library has, husk init writes a first profile")
		return nil
	}
	if err := a.printerOn(a.stdout).commands(out.Commands); err != nil {
		return err
	}
	installed := slices.ContainsFunc(out.Commands, func(c command) bool { return c.Installed })
	if trouble := out.Path.trouble(); trouble != "" && installed {
		a.printer().warning("%s", trouble)
		a.printer().hint(hookHint)
	}
	return nil
}

func listedOf(i hcl.Info) listed {
	commands := i.Commands
	if commands == nil {
		commands = []string{}
	}
	return listed{
		Name: i.Name, Qualified: i.QualifiedName, Layer: i.Layer, File: i.File, Line: i.Line,
		Description: i.Description, Commands: commands, Shadowed: i.Shadowed,
	}
}

// commands looks at every command that apply would render, and at library
// commands whose wrappers are installed.
func (p *pipeline) commands(all []hcl.Info) ([]command, error) {
	var chosen []hcl.Info
	for _, i := range all {
		if i.Layer == "user" || i.Layer == "library" && !i.Shadowed && p.rendered(i) {
			chosen = append(chosen, i)
		}
	}
	wanted, err := commandsOf(chosen)
	if err != nil {
		return nil, err
	}
	out := []command{}
	for _, w := range wanted {
		c, err := p.command(w)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// rendered says whether a wrapper of this very profile is installed.
func (p *pipeline) rendered(i hcl.Info) bool {
	return slices.ContainsFunc(i.Commands, func(c string) bool {
		installed, err := p.app.readWrapper(p.wrapperOf(c))
		return err == nil && installed.Source == i.File && installed.Command == c
	})
}

func (p *pipeline) wrapperOf(name string) string { return p.locations.bin + "/" + name }

func (p *pipeline) command(w named) (command, error) {
	resolved, err := p.resolve(w.profile, w.command)
	if err != nil {
		return command{}, err
	}
	c := command{Name: w.command, Profile: w.profile, Wrapper: p.wrapperOf(w.command), Before: []string{}, Shadows: []string{}, Skipped: []skipped{}}
	if is, err := wrappers.IsWrapper(c.Wrapper); err == nil {
		c.Installed = is
	}
	if installed, err := p.app.readWrapper(c.Wrapper); c.Installed && err == nil {
		c.Starts = installed.Program.Path
	}
	found, err := p.finder.Complete(resolved)
	if err != nil {
		c.Problem = err.Error()
	} else {
		c.Program, c.File = found.Program.Path, found.File
		for _, s := range found.Skipped {
			c.Skipped = append(c.Skipped, skipped{s.Path, s.Why})
		}
	}
	c.Before, c.Shadows = p.around(w.command)
	return c, nil
}

// stale says whether the wrapper that is there starts another file than one that is
// rendered now would.
func (c command) stale() bool {
	return c.Starts != "" && c.Program != "" && c.Starts != c.Program
}

// around gives the files of that name on PATH before the wrapper directory and
// after it.
func (p *pipeline) around(name string) (before, after []string) {
	before, after = []string{}, []string{}
	into := &before
	if !slices.ContainsFunc(p.app.host.path(), func(dir string) bool { return sameFile(dir, p.locations.bin) }) {
		return p.finder.All(name), after
	}
	for _, dir := range p.app.host.path() {
		if sameFile(dir, p.locations.bin) {
			into = &after
			continue
		}
		for _, file := range p.finder.All(name) {
			if file == filepath.Join(dir, name) && !slices.Contains(*into, file) {
				*into = append(*into, file)
			}
		}
	}
	return before, after
}

// profiles prints a table of profiles.
func (p *printer) profiles(all []listed) error {
	rows := [][]string{{"PROFILE", "COMMANDS", "DESCRIPTION"}}
	for _, l := range all {
		commands := strings.Join(l.Commands, ", ")
		if commands == "" {
			commands = "-"
		}
		rows = append(rows, []string{l.Name, commands, l.Description})
	}
	return p.table(rows)
}

// commands prints a table of wrapped commands.
func (p *printer) commands(all []command) error {
	rows := [][]string{{"COMMAND", "PROFILE", "WRAPPER", "STARTS", "ON PATH"}}
	for _, c := range all {
		starts, wrapper, where := c.Program, "installed", ""
		switch {
		case c.stale():
			starts = c.Starts + " (husk apply makes it " + c.Program + ")"
		case c.Starts != "":
			starts = c.Starts
		case c.Problem != "":
			starts = "nothing: " + c.Problem
		}
		if !c.Installed {
			wrapper = "not installed"
		}
		switch {
		case len(c.Before) > 0:
			where = "shadowed by " + strings.Join(c.Before, ", ")
		case len(c.Shadows) > 0:
			where = "shadows " + strings.Join(c.Shadows, ", ")
		}
		rows = append(rows, []string{c.Name, c.Profile, wrapper, starts, where})
	}
	return p.table(rows)
}

// libraryProfiles lists the library, for completion; nothing where it can't be
// read.
func (a *app) libraryProfiles() []hcl.Info {
	p, err := a.newPipeline(source{}, false, "")
	if err != nil {
		return nil
	}
	p.profiles, _ = hcl.Load(p.options)
	return slices.DeleteFunc(p.profiles.List(), func(i hcl.Info) bool { return i.Layer != "library" })
}
