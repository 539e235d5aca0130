package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// folded is an event to be shown: of a system call, one for all that its session
// made. allow is HCL for the profile, after the last one of a session.
type folded struct {
	audit.Event
	allow string
}

// withName gives a system call its name: the enforcer knows numbers only.
func withName(e audit.Event) audit.Event {
	if e.Kind != audit.Syscall || e.Number == nil || e.Name != "" {
		return e
	}
	name, ok := table.Name(e.Arch, *e.Number)
	if !ok {
		name = strconv.Itoa(*e.Number)
	}
	e.Name = name
	return e
}

// foldCalls takes the lines about one call in one session together: there is one
// when it comes first, and one at the end, which knows how often it came.
func foldCalls(events []audit.Event) []folded {
	type call struct {
		session string
		number  int
	}
	first, last := map[call]int{}, map[string]int{}
	names := map[string][]string{}
	var out []folded
	for _, e := range events {
		if e.Kind != audit.Syscall || e.Number == nil {
			out = append(out, folded{Event: e})
			continue
		}
		key := call{e.Session, *e.Number}
		if at, ok := first[key]; ok {
			out[at].Count = max(out[at].Count, e.Count)
			continue
		}
		first[key], last[e.Session] = len(out), len(out)
		if name, ok := table.Name(e.Arch, *e.Number); ok { // else another husk's tables have it
			names[e.Session] = append(names[e.Session], name)
		}
		out = append(out, folded{Event: e})
	}
	for session, at := range last {
		if len(names[session]) > 0 {
			out[at].allow = allowText(names[session])
		}
	}
	return out
}

// older are calls that programs take where husk's baseline answers the newer one
// with ENOSYS.
var older = []struct{ call, newer string }{{"clone", "clone3"}, {"openat", "openat2"}}

// allowText is HCL for the profile that permits the calls. What the baseline
// answers leaves no record; a stricter default must answer the same.
func allowText(names []string) string {
	const width = 100
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("syscalls {\n  allow = [\n   ")
	column := 0
	for _, name := range names {
		word := " " + strconv.Quote(name) + ","
		if column+len(word) > width {
			b.WriteString("\n   ")
			column = 0
		}
		b.WriteString(word)
		column += len(word)
	}
	b.WriteString("\n  ]\n")
	var answered []string
	for _, o := range older {
		if slices.Contains(names, o.call) && !slices.Contains(names, o.newer) {
			answered = append(answered, strconv.Quote(o.newer))
		}
	}
	if len(answered) > 0 {
		b.WriteString("  errno = { ENOSYS = [" + strings.Join(answered, ", ") + "] }\n")
	}
	return b.String() + "}"
}

// allowCalls prints such a text.
func (p *printer) allowCalls(text string) error {
	if text == "" {
		return nil
	}
	var b strings.Builder
	b.WriteString("    to allow these without a record:\n")
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("      " + oneLine(line) + "\n")
	}
	_, err := p.out.Write([]byte(b.String()))
	return err
}
