package wrappers

import (
	"path/filepath"
	"strings"
)

// plansDir holds the plans of wrappers that cannot hold their own. It lies in
// the wrapper directory; its name keeps it out of the way of commands.
const plansDir = ownPrefix + "plans"

// PlanBeside is the file that holds the plan of a wrapper that cannot hold it.
func PlanBeside(wrapper string) string {
	return filepath.Join(filepath.Dir(wrapper), plansDir, filepath.Base(wrapper)+".plan")
}

// shRenderer makes a POSIX shell script per command, and the plan beside it: for
// file systems and tools that cannot take a first line with the enforcer in it.
// It costs the start of a shell, and a preloaded library of the caller's runs in
// that shell.
type shRenderer struct{}

func (shRenderer) Name() string { return "sh" }

func (r shRenderer) Render(j Job) (Rendering, error) {
	planned, err := planFile(j, r.Name(), plansDir+"/"+j.Plan.Command+".plan")
	if err != nil {
		return Rendering{}, err
	}
	script := "#!/bin/sh\n" + header(j, r.Name()) +
		"exec " + QuotePOSIX(j.Enforcer) + " " + QuotePOSIX(filepath.Join(j.Directory, planned.Name)) + ` "$@"` + "\n"
	wrapper := File{Name: j.Plan.Command, Mode: modeExecutable, Content: []byte(script)}
	return Rendering{Files: []File{wrapper, planned}}, nil
}

// QuotePOSIX gives s as one word of a POSIX shell. Inside single quotes nothing but
// the quote itself is special (POSIX.1-2024, XCU 2.2.2).
func QuotePOSIX(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// QuoteFish gives s as one word of fish, where a backslash before a quote or
// another backslash keeps its meaning inside single quotes.
func QuoteFish(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}
