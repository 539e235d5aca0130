package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce"
	"github.com/husk-sandbox/husk/enforce/plan"
)

func (a *app) explainCommand() *cobra.Command {
	var s source
	var asJSON, asSteps bool
	cmd := &cobra.Command{
		Use:   "explain NAME [--json] [--steps]",
		Short: "show the whole policy of a profile or command, each line with its origin",
		Long: `Shows what a profile, a wrapped command or a rendered wrapper (by its path) allows, with
the line that each rule comes from. --steps prints the steps that would build the sandbox
here and now, in order, without running them.`,
		Args:              arguments(cobra.ExactArgs(1)),
		RunE:              func(_ *cobra.Command, args []string) error { return a.explain(s, args[0], asJSON, asSteps) },
		ValidArgsFunction: a.names(1, true),
	}
	s.flags(cmd)
	s.installFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&asSteps, "steps", false, "print the steps that build the sandbox")
	oneOf(cmd, "json", "steps")
	return cmd
}

func (a *app) explain(s source, name string, asJSON, asSteps bool) error {
	p, err := a.explaining(s)
	if err != nil {
		return err
	}
	resolved, err := p.planFor(name)
	if err != nil {
		return err
	}
	p.printWarnings()
	for _, missing := range checkEnforced(resolved) {
		a.printer().warning("%v", missing)
	}
	switch {
	case asJSON:
		return a.printJSON(explanationOf(resolved))
	case asSteps:
		return a.printSteps(resolved)
	}
	return a.printerOn(a.stdout).explanation(explanationOf(resolved))
}

// explaining is a pipeline with the profiles loaded, for commands that only look.
// What is reserved includes the enforcer; a missing one is no reason not to
// explain the rest.
func (a *app) explaining(s source) (*pipeline, error) {
	p, err := a.newPipeline(s, false, "")
	if err != nil {
		return nil, err
	}
	if enforcer, err := a.findEnforcer(s.enforcer); err == nil {
		p.options.Reserved = a.reserved(p.locations, enforcer)
	}
	return p, p.load()
}

// printSteps prints the list that the enforcer would run.
func (a *app) printSteps(p *plan.Plan) error {
	if p.Command == "" || p.Program.Path == "" {
		return errors.New("this profile has no command, and steps are those of one command")
	}
	list, err := enforce.Explain(p, nil, a.host.environ)
	if err != nil {
		return err
	}
	var out strings.Builder
	for i, step := range list {
		fmt.Fprintf(&out, "%4d  %s", i, oneLine(step.String()))
		if place := originText(p, step.Origin); place != "" {
			fmt.Fprintf(&out, "  # %s", oneLine(place))
		}
		out.WriteByte('\n')
	}
	_, err = a.stdout.Write([]byte(out.String()))
	return err
}

// printJSON prints a document on standard output.
func (a *app) printJSON(document any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(document)
}
