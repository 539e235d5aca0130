package enforce

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

func TestFailureLines(t *testing.T) {
	for _, c := range []struct {
		f      Failure
		want   string
		status int
	}{
		{Failure{Text: "a"}, "husk: error: a\n", 125},
		{Failure{Text: "a", From: "p.hcl:3"}, "husk: error: a, asked for by p.hcl:3\n", 125},
		{Failure{Text: "a", Hint: "b"}, "husk: error: a\nhusk: hint: b\n", 125},
		{Failure{Text: "a", From: "p:1", Hint: "b", Status: StatusNotFound}, "husk: error: a, asked for by p:1\nhusk: hint: b\n", 127},
	} {
		if got := c.f.lines(); got != c.want || c.f.exitStatus() != c.status {
			t.Errorf("%+v: %q, status %d", c.f, got, c.f.exitStatus())
		}
	}
}

// voice checks what every message of husk's has in common.
func voice(t *testing.T, f *Failure) {
	t.Helper()
	for _, s := range []string{f.Text, f.Hint} {
		if strings.HasSuffix(s, ".") || strings.Contains(s, "\n") || strings.HasPrefix(s, "husk:") {
			t.Errorf("not husk's voice: %q", s)
		}
	}
}

func TestFailedStep(t *testing.T) {
	w := newWorld(t)
	s := &start{plan: w.plan, anchors: w.anchors()}
	for name, c := range map[string]struct {
		step  steps.Step
		errno unix.Errno
		text  string
		hint  string
	}{
		"a grant":         {steps.NewStep(steps.Bind, 1, "/a", "/a at a"), unix.ENOENT, "bind /a at a: no such file or directory, asked for by b.hcl:9", "--steps"},
		"a planted link":  {steps.Step{Kind: steps.Bind, Origin: 0}, unix.ELOOP, "too many levels of symbolic links, asked for by p.hcl:1", "symbolic link was put there"},
		"an old kernel":   {steps.Step{Kind: steps.Bind, Origin: plan.NoOrigin}, unix.ENOSYS, "function not implemented", "5.14"},
		"a masked proc":   {steps.Step{Kind: steps.Mount, Object: "proc", Origin: plan.NoOrigin}, unix.EPERM, "operation not permitted", `share = ["pid"]`},
		"full keyrings":   {steps.Step{Kind: steps.Key, Origin: plan.NoOrigin}, unix.EDQUOT, "quota", "sysctl -w kernel.keys."},
		"too many mounts": {steps.Step{Kind: steps.Mount, Origin: plan.NoOrigin}, unix.ENOSPC, "no space left", "fs.mount-max"},
		"no map":          {steps.Step{Kind: steps.Map, Origin: plan.NoOrigin}, unix.EPERM, "operation not permitted", "user namespaces"},
	} {
		t.Run(name, func(t *testing.T) {
			f := refused(t, s.failed(&steps.Failure{Step: c.step, Errno: c.errno}), "husk: error: cannot set up the sandbox: ", c.text)
			if !strings.Contains(f.Hint, c.hint) || f.exitStatus() != StatusSetup {
				t.Errorf("hint %q, status %d", f.Hint, f.exitStatus())
			}
			voice(t, f)
		})
	}
}

func TestNotExecuted(t *testing.T) {
	w := newWorld(t)
	s := &start{plan: w.plan, anchors: w.anchors()}
	for errno, c := range map[unix.Errno]struct {
		status int
		hint   string
	}{
		unix.ENOENT:  {127, "husk apply"},
		unix.ENOTDIR: {127, "husk apply"},
		unix.EACCES:  {126, "not executable"},
		unix.ENOEXEC: {126, "no #! line"},
		unix.EPERM:   {126, ""},
		unix.E2BIG:   {126, ""},
	} {
		for _, view := range []string{plan.ViewMinimal, plan.ViewEmpty} {
			w.plan.Filesystem.View = view
			hint := c.hint
			if view == plan.ViewEmpty && c.status == 127 {
				hint = "the empty view"
			}
			f := refused(t, s.failed(&steps.Failure{Step: steps.Step{Kind: steps.Exec}, Errno: errno}), "cannot execute "+w.plan.Program.Path, errno.Error())
			if f.exitStatus() != c.status || !strings.Contains(f.Hint, hint) {
				t.Errorf("%v, %s: status %d, hint %q", errno, view, f.exitStatus(), f.Hint)
			}
			voice(t, f)
		}
	}
}

func TestUnsupportedIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(p *plan.Plan)
		want   string
	}{
		"unknown network": {func(p *plan.Plan) { p.Network = plan.Network{Mode: "", Origin: 1} }, "network mode  is not enforced"},
		"supervise":       {func(p *plan.Plan) { p.Supervise = &plan.Supervise{Origin: 1} }, "supervise"},
		"verify":          {func(p *plan.Plan) { p.Verify = []plan.Verify{{Origin: 1}} }, "verify"},
		"no filter":       {func(p *plan.Plan) { p.Syscalls.Program = nil }, "no system call filter"},
		"half a filter":   {func(p *plan.Plan) { p.Syscalls.Program = make([]byte, 12) }, "no system call filter"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if err := unsupported(w.plan); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			c.change(w.plan)
			f := refused(t, unsupported(w.plan), c.want)
			if f.From == "" && f.Hint == "" {
				t.Errorf("neither a line nor a hint: %+v", f)
			}
			voice(t, f)
		})
	}
}

func uitoa(n uint64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return uitoa(n/10) + uitoa(n%10)
}
