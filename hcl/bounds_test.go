package hcl

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Inputs that are small and would take very long, or all memory, or the whole
// stack. Each ends in an error that says so; how long it takes is left to the
// test's own time limit.
func TestWorkIsBounded(t *testing.T) {
	deep := func(open, inner, closing string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(closing, n)
	}
	doubling := func(value, next string) string {
		var out strings.Builder
		fmt.Fprintf(&out, "locals {\n  x0 = %s\n", value)
		for i := 1; i < 60; i++ {
			fmt.Fprintf(&out, "  x%d = %s\n", i, strings.ReplaceAll(next, "PREVIOUS", fmt.Sprintf("local.x%d", i-1)))
		}
		return out.String() + "}\nprofile \"p\" { description = local.x59 }\n"
	}
	locals := func(expression string) string {
		return "locals {\n  r = range(1000)\n  s = join(\"\", [for i in local.r : \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"])\n  x = " +
			expression + "\n}\nprofile \"p\" { description = local.x }\n"
	}
	const tooDeep, tooLong, work, work2 = "nested too deeply", "too long", "too much work", "takes more work"
	for _, test := range []struct{ name, text, want string }{
		{"brackets", "locals {\n  x = " + deep("[", "", "]", 100_000) + "\n}", tooDeep},
		{"parentheses", "locals {\n  x = " + deep("(", "1", ")", 100_000) + "\n}", tooDeep},
		{"objects", "locals {\n  x = " + deep("{a=", "1", "}", 80_000) + "\n}", tooDeep},
		{"blocks", deep("a {\n", "", "}\n", 80_000), tooDeep},
		{"templates", "locals {\n  x = " + deep(`"${`, "1", `}"`, 10_000) + "\n}", tooDeep},
		{"directives", "locals {\n  x = \"" + deep("%{if true}", "", "%{endif}", 10_000) + "\"\n}", tooDeep},
		{"unclosed", "locals {\n  x = " + strings.Repeat("[", 400_000), tooDeep},
		{"negations", "locals {\n  x = " + strings.Repeat("!", 400_000) + "true\n}", tooLong},
		{"minus signs", "locals {\n  x = " + strings.Repeat("-", 400_000) + "1\n}", tooLong},
		{"sums", "locals {\n  x = 1" + strings.Repeat("+1", 200_000) + "\n}", tooLong},
		{"sums over lines", "locals {\n  x = (1" + strings.Repeat("\n+1", 150_000) + ")\n}", tooLong},
		{"conditions", "locals {\n  x = " + strings.Repeat("true?1:", 70_000) + "1\n}", tooLong},
		{"indexes", "locals {\n  x = y" + strings.Repeat("[0]", 150_000) + "\n}", tooLong},
		{"splats", "locals {\n  x = y" + strings.Repeat(".*", 200_000) + "\n}", tooLong},
		{"digits", "locals {\n  x = " + strings.Repeat("9", 400_000) + "\n}", "number too long"},
		{"doubling strings", doubling(`"aaaaaaaa"`, `"${PREVIOUS}${PREVIOUS}"`), work},
		{"doubling lists", doubling(`["a"]`, `[PREVIOUS, PREVIOUS]`), work},
		{"doubling concat", doubling(`["a"]`, `concat(PREVIOUS, PREVIOUS)`), work},
		{"nested for", locals("[for a in local.r : [for b in local.r : [for c in local.r : 1]]]"), work},
		{"nested for with conditions", locals("[for a in local.r : a if length([for b in local.r : b if length([for c in local.r : c if false]) > 0]) > 0]"), work},
		{"nested for of objects", locals("{for a in local.r : a => {for b in local.r : b => {for c in local.r : c => 1}}}"), work},
		{"for in a template", locals(`"%{for a in local.r}%{for b in local.r}%{for c in local.r}x%{endfor}%{endfor}%{endfor}"`), work},
		{"products", locals("setproduct(local.r, local.r, local.r)"), work2},
		{"replace", locals(`replace(local.s, "a", local.s)`), work2},
		{"regexreplace", locals(`regexreplace(local.s, "a", local.s)`), work2},
		{"regex", locals(`regexall(local.s, local.s)`), work2},
		{"join", locals(`join(local.s, local.r)`), work2},
		{"format", locals(`format("%1000000000d", 1)`), work2},
		{"formatlist", locals(`formatlist("%s%s", local.s, local.r)`), work2},
		{"indent", locals(`indent(1000000000, local.s)`), work2},
		{"distinct", locals(`distinct(concat([for r in local.r: [for s in local.r: "${r}-${s}"]]...))`), work},
		{"many parents", manyParents(300), ""},
		{"generations", generations(200), "too many generations"},
		{"many errors", strings.Repeat("x y z\n", 80_000), "are not shown"},
		{"many unknown blocks", strings.Repeat("prfile \"x\" {}\n", 30_000), "are not shown"},
		{"many equal blocks", "profile \"p\" {\n" + strings.Repeat("verify \"/x\" {}\n", 25_000) + "}\n", "are not shown"},
		{"many locals", manyLocals(20_000), ""},
		{"many paths", "profile \"p\" {\n  filesystem {\n    write = flatten([for i in range(1000) : [for j in range(20) : \"/w${i}/${j}/x\"]])\n    protect = flatten([for i in range(1000) : [for j in range(20) : \"/w${i}/${j}\"]])\n  }\n}\n", "too many entries"},
		{"many paths of parents", manyLists(8), "too many entries"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := Load(testOptions(writeFiles(t, map[string]string{"test.hcl": test.text})))
			d := p.Check()
			got := text(t, d)
			if test.want == "" && d.HasErrors() || !strings.Contains(got, test.want) {
				t.Errorf("want %q, got:\n%.2000s", test.want, got)
			}
			if len(d.List) > maxDiagnostics {
				t.Errorf("%d diagnostics", len(d.List))
			}
			logUsage(t)
		})
	}
}

// maxMemory is what checking any input may take, in bytes.
const maxMemory = 512 << 20

// Each of these inputs is checked in a process of its own, whose memory is
// looked at (ru_maxrss, getrusage(2)). With -v the time is told as well.
func TestMemoryIsBounded(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestWorkIsBounded", "-test.v")
	cmd.Env = append(os.Environ(), usageVariable+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10; got > maxMemory {
		t.Errorf("all of them after each other took %d MiB", got>>20)
	}
	t.Logf("%s", out)
}

// usageVariable asks a test process to say what it used.
const usageVariable = "HUSK_TEST_USAGE"

func logUsage(t *testing.T) {
	if os.Getenv(usageVariable) == "" {
		return
	}
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	t.Logf("until now %v of the processor, %d MiB", time.Duration(u.Utime.Nano()+u.Stime.Nano()), u.Maxrss>>10)
}

func manyParents(n int) string {
	var out strings.Builder
	out.WriteString("locals {\n  all = [for i in range(" + fmt.Sprint(n) + ") : \"p${i}\"]\n}\n")
	for i := range n {
		fmt.Fprintf(&out, "profile \"p%d\" {\n  filesystem { read = [\"/p%d\"] }\n}\n", i, i)
	}
	return out.String() + "profile \"x\" { inherits = local.all }\n"
}

// manyLists gives parents with as many entries as one may have, and their child.
func manyLists(n int) string {
	var out strings.Builder
	var names []string
	for i := range n {
		fmt.Fprintf(&out, "profile \"p%[1]d\" {\n  filesystem { hide = [for i in range(1000) : \"/p%[1]d/${i}\"] }\n}\n", i)
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("p%d", i)))
	}
	return out.String() + "profile \"x\" { inherits = [" + strings.Join(names, ", ") + "] }\n"
}

func generations(n int) string {
	var out strings.Builder
	out.WriteString("profile \"p0\" {}\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&out, "profile \"p%d\" { inherits = [\"p%d\"] }\n", i, i-1)
	}
	return out.String()
}

func manyLocals(n int) string {
	var out strings.Builder
	out.WriteString("locals {\n  x0 = \"\"\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&out, "  x%d = local.x%d\n", i, i-1)
	}
	return out.String() + "}\n"
}

// The JSON form has the same bounds.
func TestWorkIsBoundedInJSON(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"arrays", `{"locals": {"x": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`, "nested too deeply"},
		{"unclosed", `{"locals": {"x": ` + strings.Repeat(`{"a":`, 80_000), "nested too deeply"},
		{"digits", `{"locals": {"x": ` + strings.Repeat("9", 400_000) + `}}`, "number too long"},
		{"templates", `{"locals": {"x": "${` + strings.Repeat("(", 100_000) + `"}}`, "nested too deeply"},
		{"for", `{"locals": {"r": "${range(1000)}", "x": "${[for a in local.r : [for b in local.r : [for c in local.r : 1]]]}"},
			"profile": {"p": {"description": "${local.x}"}}}`, "too much work"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, _ := Load(testOptions(writeFiles(t, map[string]string{"test.hcl.json": test.text})))
			if got := text(t, p.Check()); !strings.Contains(got, test.want) {
				t.Errorf("want %q, got:\n%.2000s", test.want, got)
			}
			logUsage(t)
		})
	}
}

// What people write stays far from the bounds.
func TestBoundsLeaveRoom(t *testing.T) {
	p := loadText(t, `
locals {
  trees = [for i in range(200) : "${home}/tree-${i}"]
  more  = setproduct(["a", "b", "c"], ["x", "y", "z"])
}
profile "x" {
  filesystem {
    read = concat(local.trees, [for pair in local.more : "/srv/${pair[0]}/${pair[1]}"])
  }
}
`)
	if got := len(readOf(mustResolve(t, p, "x", ""))); got != 209 {
		t.Error(got)
	}
}
