package seccomp_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

var update = flag.Bool("update", false, "write the generated parts of docs/syscalls.md")

const manual = "../../docs/syscalls.md"

// baselineText is the table of the baseline: one line per reason and refusal.
func baselineText() string {
	var b strings.Builder
	b.WriteString("| call | where | answer | lifted by | why |\n|---|---|---|---|---|\n")
	lines := slices.Concat(seccomp.Baseline(), seccomp.CoreRefusals())
	for i := 0; i < len(lines); {
		line := lines[i]
		names := []string{"`" + line.Call + "`"}
		for i++; i < len(lines) && alike(line, lines[i]); i++ {
			names = append(names, "`"+lines[i].Call+"`")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", strings.Join(names, " "), code(line.When),
			answerText(line.Action), [...]string{"its name, or a rule", "a rule", "nothing"}[line.Lift], line.Why)
	}
	return b.String()
}

func answerText(action string) string {
	if action == "errno:0" {
		return "as if it were done"
	}
	return strings.TrimPrefix(action, "errno:")
}

// alike says that two lines can stand in one row.
func alike(a, b seccomp.Refusal) bool {
	b.Call = a.Call
	return a == b
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + strings.ReplaceAll(text, "|", "\\|") + "`"
}

func groupsText() string {
	var b strings.Builder
	for _, g := range seccomp.Groups() {
		if g.Name == "@known" {
			fmt.Fprintf(&b, "**%s**: %s\n", g.Name, g.Summary)
			continue
		}
		fmt.Fprintf(&b, "**%s**: %s\n", g.Name, g.Summary)
		if g.Calls != "" {
			b.WriteString("\n" + wrap(g.Calls) + "\n")
		}
		if len(g.Members) > 0 {
			b.WriteString("\n")
		}
		for _, m := range g.Members {
			b.WriteString("- " + member(m) + "\n")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func member(m seccomp.Member) string {
	text := "`" + m.Call + "`"
	if m.When != "" {
		text += " where `" + m.When + "`"
	}
	if m.Answer != "" {
		text += " answered with " + strings.TrimPrefix(m.Answer, "errno:")
	}
	if m.With != "" {
		text += ", together with " + strings.ReplaceAll(m.With, " ", " and ")
	}
	return text
}

// wrap breaks a list of names into lines of at most 120 bytes.
func wrap(names string) string {
	var lines []string
	line := ""
	for _, name := range strings.Fields(names) {
		if line != "" && len(line)+1+len(name) > 118 {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+name, " ")
	}
	return "    " + strings.Join(append(lines, line), "\n    ")
}

// section replaces what stands between the markers of that name.
func section(t *testing.T, text, name, content string) string {
	t.Helper()
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, ok := strings.Cut(text, begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no markers for %s", manual, name)
	}
	return before + begin + "\n" + strings.TrimSpace(content) + "\n\n" + end + after
}

// The manual's lists are what the code has; "go test -run Manual -update" writes
// them.
func TestManual(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	want := section(t, string(have), "baseline", baselineText())
	want = section(t, want, "groups", groupsText())
	if *update {
		if err := os.WriteFile(manual, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(have) != want {
		t.Errorf("%s does not have the code's lists: run go test -run Manual -update", manual)
	}
}

// The manual's table of lengths is true.
func TestManualLengths(t *testing.T) {
	t.Parallel()
	have, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for label, p := range map[string]plan.Syscalls{
		"the baseline alone":                                 {Default: "allow", ForeignABI: "kill"},
		"`default = \"errno:EPERM\"`, `@system-service`":     setPolicy("errno:EPERM", "@system-service"),
		"`@start-dynamic`, `@pledge-stdio`, `@pledge-rpath`": setPolicy("kill", "@start-dynamic", "@pledge-stdio", "@pledge-rpath"),
		"`@computation`, `@start-static`":                    setPolicy("kill", "@computation", "@start-static"),
		"`@buffer`":                                          setPolicy("trap", "@buffer"),
		"`@network`":                                         setPolicy("kill", "@network"),
	} {
		row := "| " + label
		for _, goarch := range table.Architectures() {
			out, err := seccomp.Compile(p, goarch)
			if err != nil {
				t.Fatal(err)
			}
			row += fmt.Sprintf(" | %d", len(out.Program)/filter.InstructionSize)
		}
		if row += " |\n"; !strings.Contains(string(have), row) {
			t.Errorf("%s lacks %s", manual, row)
		}
	}
}
