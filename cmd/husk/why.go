package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// verdict answers one question about a plan.
type verdict struct {
	Version int     `json:"version"`
	Allowed bool    `json:"allowed"`
	Reason  string  `json:"reason"`
	Origin  *origin `json:"origin,omitempty"` // of the rule that decides; none for husk's own
	// Paste is HCL for the profile that would turn a denial into permission; empty
	// where no profile can.
	Paste string `json:"paste,omitempty"`
	// Notes are conditions under which the answer is another one.
	Notes []string `json:"notes,omitempty"`
}

// whyVersion is the version of the JSON that `husk why --json` prints.
const whyVersion = 1

// question is one kind of thing that a program can want.
type question struct {
	name, target string
	decide       func(w *why, target string) (verdict, error)
}

// questions are the kinds, with what their target is.
var questions = []question{
	{"read", "PATH", func(w *why, t string) (verdict, error) { return w.file("read", t) }},
	{"write", "PATH", func(w *why, t string) (verdict, error) { return w.file("write", t) }},
	{"execute", "PATH", func(w *why, t string) (verdict, error) { return w.file("execute", t) }},
	{"connect", "HOST:PORT", (*why).connect},
	{"bind", "PORT", (*why).bind},
	{"unix", "PATH", (*why).unix},
	{"dbus", "[session:|system:]NAME", (*why).dbus},
	{"syscall", "NAME", (*why).syscall},
}

// why decides about one plan on this host.
type why struct {
	plan *plan.Plan
	host host
	home string
}

func (a *app) whyCommand() *cobra.Command {
	var s source
	var asJSON bool
	kinds := make([]string, len(questions))
	uses := make([]string, len(questions))
	for i, q := range questions {
		kinds[i], uses[i] = q.name, fmt.Sprintf("  %-8s %s", q.name, q.target)
	}
	cmd := &cobra.Command{
		Use:   "why NAME " + strings.Join(kinds, "|") + " TARGET",
		Short: "say whether something is allowed, by which line, and how to allow it",
		Long: `Says whether a profile or command allows something, which rule of which line decides it,
and what to write into the profile where it is denied. The kinds and their targets:

` + strings.Join(uses, "\n") + `

Paths are looked at as seen from the working directory. The exit status is 0 where it is
allowed and 1 where it is denied.`,
		Args: arguments(cobra.ExactArgs(3)),
		RunE: func(_ *cobra.Command, args []string) error { return a.why(s, args[0], args[1], args[2], asJSON) },
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			switch len(args) {
			case 0:
				return a.names(1, true)(cmd, args, word)
			case 1:
				return kinds, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	s.flags(cmd)
	s.installFlags(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) why(s source, name, kind, target string, asJSON bool) error {
	i := slices.IndexFunc(questions, func(q question) bool { return q.name == kind })
	if i < 0 {
		return usageError(hinted{fmt.Errorf("there is no kind %s", quoted(kind)), "see husk why --help"})
	}
	p, err := a.explaining(s)
	if err != nil {
		return err
	}
	resolved, err := p.planFor(name)
	if err != nil {
		return err
	}
	home, err := a.host.home()
	if err != nil {
		return err
	}
	w := &why{plan: resolved, host: a.host, home: home}
	v, err := questions[i].decide(w, target)
	if err != nil {
		return err
	}
	v.Version = whyVersion
	p.printWarnings()
	if asJSON {
		err = a.printJSON(v)
	} else {
		err = a.printerOn(a.stdout).verdict(resolved, v)
	}
	if err == nil && !v.Allowed {
		err = status(statusProblem)
	}
	return err
}

// verdict prints an answer for a person.
func (p *printer) verdict(of *plan.Plan, v verdict) error {
	var out strings.Builder
	word := p.paint(red, "denied")
	if v.Allowed {
		word = p.paint(green, "allowed")
	}
	fmt.Fprintf(&out, "%s: %s\n", word, oneLine(v.Reason))
	if v.Origin != nil {
		fmt.Fprintf(&out, "  by %s\n", oneLine(v.Origin.String()))
	}
	for _, n := range v.Notes {
		fmt.Fprintf(&out, "  %s\n", oneLine(n))
	}
	if v.Paste != "" {
		fmt.Fprintf(&out, "to allow it, write into profile %s:\n", oneLine(quoted(of.Profile)))
		for line := range strings.SplitSeq(v.Paste, "\n") {
			fmt.Fprintf(&out, "  %s\n", oneLine(line))
		}
	}
	_, err := p.out.Write([]byte(out.String()))
	return err
}

// decided is a verdict with the line of a rule.
func (w *why) decided(allowed bool, origin int, format string, args ...any) verdict {
	return verdict{Allowed: allowed, Origin: originOf(w.plan, origin), Reason: fmt.Sprintf(format, args...)}
}
