package hcl

import (
	"fmt"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
)

// What the HCL library says is meant for every language that is written in it.
// Some of it can be said better knowing this one.

// rootNames are what an expression may begin with.
var rootNames = []string{"home", "cwd", "project", "xdg", "user", "uid", "command", "var", "local"}

var (
	labelTooMany = lazily(`^Extraneous label for (\w+)$`)
	labelMissing = lazily(`^Missing ([\w ]+) for (\w+)$`)
	failedCall   = lazily(`(?s)^Call to function "([^"]+)" failed: (.*)\.$`)
)

// reword gives summary and detail of a diagnostic of the HCL library as this
// language would have them.
func reword(d *hashi.Diagnostic) (summary, detail string) {
	switch name, _ := quotedName(d.Detail); {
	case d.Summary == "Unknown variable" && name != "":
		return fmt.Sprintf("unknown name %q", name), unknownRoot(name)
	case d.Summary == "Error in function call":
		return failedFunction(d)
	}
	if m := labelTooMany().FindStringSubmatch(d.Summary); m != nil {
		if strings.HasPrefix(d.Detail, "Only ") {
			return m[1] + " takes one label", fmt.Sprintf("write %s \"…\" { … }", m[1])
		}
		return m[1] + " takes no label", fmt.Sprintf("write %s { … }", m[1])
	}
	if m := labelMissing().FindStringSubmatch(d.Summary); m != nil {
		return fmt.Sprintf("%s without a %s", m[2], m[1]), fmt.Sprintf("write %s \"%s\" { … }", m[2], strings.ToUpper(m[1]))
	}
	return voice(d.Summary), voice(d.Detail)
}

func unknownRoot(name string) string {
	if best := nearest(name, rootNames); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return fmt.Sprintf("text is written in quotes: %q; without them may stand %s", name, strings.Join(rootNames, ", "))
}

// failedFunction names the function first, and says why there is no such one
// where that is the reason.
func failedFunction(d *hashi.Diagnostic) (summary, detail string) {
	m := failedCall().FindStringSubmatch(d.Detail)
	if m == nil {
		return voice(d.Summary), voice(d.Detail)
	}
	if why, refused := strings.CutPrefix(m[2], noSuchFunction); refused {
		return fmt.Sprintf("no function %q", m[1]), why
	}
	return fmt.Sprintf("%s fails", m[1]), voice(m[2])
}
