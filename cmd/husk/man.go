package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "write the manual pages into a directory",
		Hidden: true, // for packagers
		Args:   arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := a.host.absolute(args[0])
			if err != nil {
				return err
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return err
			}
			for name, page := range manPages(cmd.Root()) {
				if err := replaceFile(filepath.Join(dir, name), []byte(page), 0o644); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// manPages gives a page per command, by file name (man(7) format). They hold no
// date, so that the same husk always gives the same pages.
func manPages(root *cobra.Command) map[string]string {
	pages := map[string]string{}
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.Hidden || cmd.Name() == "help" {
			return
		}
		pages[manName(cmd)+".1"] = manPage(cmd)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
	return pages
}

func manName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func manPage(cmd *cobra.Command) string {
	var b strings.Builder
	write := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	write(".TH %s 1 \"\" \"husk %s\" \"User Commands\"\n", strings.ToUpper(roff(manName(cmd))), roff(version()))
	write(".SH NAME\n%s \\- %s\n", roff(manName(cmd)), roff(cmd.Short))
	write(".SH SYNOPSIS\n.nf\n%s\n.fi\n", roff(cmd.UseLine()))
	write(".SH DESCRIPTION\n")
	if cmd.Long != "" {
		write("%s", roffText(cmd.Long))
	} else {
		write("%s.\n", roff(capital(cmd.Short)))
	}
	if cmd.Flags().HasAvailableFlags() {
		write(".SH OPTIONS\n")
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				write("%s", roffFlag(f))
			}
		})
	}
	if cmd.HasAvailableSubCommands() {
		write(".SH COMMANDS\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				write(".TP\n.B %s\n%s\n", roff(manName(sub))+"(1)", roff(sub.Short))
			}
		}
	}
	if cmd.HasParent() {
		write(".SH SEE ALSO\n.BR %s (1)\n", roff(manName(cmd.Parent())))
	}
	return b.String()
}

func roffFlag(f *pflag.Flag) string {
	argument := ""
	if name, _ := pflag.UnquoteUsage(f); name != "" {
		argument = " \\fI" + roff(name) + "\\fR"
	}
	short := ""
	if f.Shorthand != "" {
		short = "\\fB\\-" + f.Shorthand + "\\fR, "
	}
	_, usage := pflag.UnquoteUsage(f)
	return ".TP\n" + short + "\\fB\\-\\-" + roff(f.Name) + "\\fR" + argument + "\n" + roff(usage) + "\n"
}

// roffText lays text out: paragraphs are filled, indented lines stay as they are.
func roffText(text string) string {
	var b strings.Builder
	literal := false
	for line := range strings.SplitSeq(text, "\n") {
		indented := strings.HasPrefix(line, " ")
		if indented != literal && line != "" {
			b.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[indented])
			literal = indented
		}
		if line == "" {
			b.WriteString(".PP\n")
			continue
		}
		b.WriteString(roff(line) + "\n")
	}
	if literal {
		b.WriteString(".fi\n")
	}
	return b.String()
}

var roffControl = regexp.MustCompile(`(?m)^([.'])`)

// roff escapes text: backslashes, hyphens (so that options can be copied), and
// lines that would be requests.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", `\[u2026]`).Replace(s)
	return roffControl.ReplaceAllString(s, `\&$1`)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
