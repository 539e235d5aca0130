package enforce

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// limitSteps gives the texts of the program's steps for some limits.
func (w *world) limitSteps(limits ...plan.Limit) string {
	w.t.Helper()
	w.plan.Limits = limits
	s := &start{plan: w.plan, anchors: w.anchors(), list: steps.New()}
	if err := s.addLimits(); err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, step := range s.list.Steps {
		all = append(all, step.Text())
	}
	return strings.Join(all, ", ")
}

func TestLimits(t *testing.T) {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	got := w.limitSteps(plan.Limit{Name: plan.LimitFiles, Value: 64}, plan.Limit{Name: plan.LimitCPUTime, Value: 3},
		plan.Limit{Name: plan.LimitCore, Value: 0}, plan.Limit{Name: plan.LimitWallTime, Value: 60},
		plan.Limit{Name: plan.LimitProcesses, Value: 7, Origin: 1}, plan.Limit{Name: plan.LimitCPU, Value: 50})
	if want := "files 64, cpu_time 3, core 1, processes 7"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// A bound above the caller's own is the caller's own, the soft one, too.
	if got, want := w.limitSteps(plan.Limit{Name: plan.LimitFiles, Value: plan.Unlimited - 1}), "files "+uitoa(files.Cur); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	// What is lifted is left as it is.
	for name := range rlimits {
		if got := w.limitSteps(plan.Limit{Name: name, Value: plan.Unlimited}); got != "" {
			t.Errorf("%s unlimited: %q", name, got)
		}
	}
	for _, name := range plan.LimitNames {
		w.limitSteps(plan.Limit{Name: name, Value: 1})
	}
	w.plan.Limits = []plan.Limit{{Name: "stack", Value: 1, Origin: 1}}
	refused(t, (&start{plan: w.plan, anchors: w.anchors(), list: steps.New()}).addLimits(), "unknown limit stack", "b.hcl:9")
}

func TestWallTime(t *testing.T) {
	for value, want := range map[uint64]uint64{60: 60, plan.Unlimited: 0, plan.Unlimited - 1: maxWallTime} {
		if got := wallTime(&plan.Plan{Limits: []plan.Limit{{Name: plan.LimitWallTime, Value: value}}}); got != want {
			t.Errorf("%d: %d, want %d", value, got, want)
		}
	}
	if got := wallTime(&plan.Plan{}); got != 0 {
		t.Errorf("none: %d", got)
	}
}

// The default is husk's and gives way to a small machine; what a profile says
// is what it says.
func TestDefaultsOfASmallMachine(t *testing.T) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		t.Fatal(err)
	}
	total := info.Totalram * uint64(info.Unit)
	for _, c := range []struct {
		origin      int
		value, want uint64
	}{{plan.NoOrigin, 1 << 20, 1 << 20}, {plan.NoOrigin, 2 * total, total / 4 * 3}, {0, 2 * total, 2 * total}} {
		if got := bound(plan.Limit{Name: plan.LimitMemory, Value: c.value, Origin: c.origin}); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if got, want := bound(plan.Limit{Name: plan.LimitProcesses, Value: 1 << 20, Origin: plan.NoOrigin}), 512+512*uint64(runtime.NumCPU()); got != want {
		t.Errorf("processes: %d, want %d", got, want)
	}
	if got := bound(plan.Limit{Name: plan.LimitFiles, Value: 2 * total, Origin: plan.NoOrigin}); got != 2*total {
		t.Errorf("files: %d", got)
	}
}

func TestAtLeast(t *testing.T) {
	for release, want := range map[string]bool{
		"6.14.0": true, "6.14": true, "6.14-rc1": true, "6.18.44-fc-v595": true, "7.0": true, "10.1.2": true,
		"6.13.9": false, "6.1.192-2": false, "5.99": false, "6": false, "": false, "x.y": false, "6.x": false,
	} {
		if got := atLeast(release, 6, 14); got != want {
			t.Errorf("%q: %v", release, got)
		}
	}
}

// Root of the host, whom RLIMIT_NPROC does not bind, is bound by the numbers of
// the PID namespace, or told, or refused.
func TestLimitOnProcessesOfRoot(t *testing.T) {
	own := ownNumbers()
	for name, c := range map[string]struct {
		uid     int
		origin  int
		share   []string
		degrade []string
		value   uint64
		numbers uint64
		notices int
		refused bool
	}{
		"another user":         {uid: 1000, value: 10},
		"no bound":             {value: plan.Unlimited},
		"namespaces":           {value: 512, numbers: 813},
		"no PID namespace":     {value: 512, origin: plan.NoOrigin, share: []string{plan.NamespacePID}},
		"asked for by a line":  {value: 512, share: []string{plan.NamespacePID}, refused: true},
		"which may be missing": {value: 512, share: []string{plan.NamespacePID}, degrade: []string{plan.DegradeLimits}},
	} {
		if c.numbers > 0 && (!own || os.Getuid() != 0) {
			continue // the file is not this namespace's, or not this user's
		}
		w := newWorld(t)
		w.UID = c.uid
		w.plan.Namespaces.Share, w.plan.Degrade = c.share, c.degrade
		w.plan.Limits = []plan.Limit{{Name: plan.LimitProcesses, Value: c.value, Origin: c.origin}}
		s := &start{plan: w.plan, anchors: w.anchors(), flags: cloneFlags(w.plan), tier: tier{namespaces: true}}
		err := s.decideLimits()
		if (err != nil) != c.refused || s.numbers != c.numbers || len(s.notices) != c.notices {
			t.Errorf("%s: numbers %d, notices %q, error %v", name, s.numbers, s.notices, err)
		}
		if c.degrade != nil && !slices.Equal(s.tier.without, []string{plan.DegradeLimits}) {
			t.Errorf("%s: without %q", name, s.tier.without)
		}
	}
}

func TestSessionLimits(t *testing.T) {
	w := newWorld(t)
	w.plan.Limits = []plan.Limit{{Name: plan.LimitWallTime, Value: 60}, {Name: plan.LimitProcesses, Value: 1}}
	for want, s := range map[string]*start{
		"init ends after 75 s": {reaper: true},
		"":                     {},
		"numbers of processes below 302 (kernel.pid_max), init ends after 75 s": {reaper: true, sessionLimits: sessionLimits{numbers: 302}},
	} {
		s.plan, s.list = w.plan, steps.New()
		s.addSessionLimits()
		var all []string
		for _, step := range s.list.Steps {
			all = append(all, step.Text())
		}
		if got := strings.Join(all, ", "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The default number of processes is for what comes to the user's own where the
// kernel counts those, and for the sandbox's where that has a user namespace; a
// number that a profile names is taken as it stands.
func TestProcessesBesideTheUsers(t *testing.T) {
	own := plan.Limit{Name: plan.LimitProcesses, Origin: plan.NoOrigin}
	for name, c := range map[string]struct {
		limit      plan.Limit
		namespaces bool
		flags      uintptr
		more       bool
	}{
		"a user namespace":          {own, true, unix.CLONE_NEWUSER, false},
		"a shared user namespace":   {own, true, unix.CLONE_NEWPID, true},
		"no namespaces":             {own, false, unix.CLONE_NEWUSER, true},
		"a number of the profile's": {plan.Limit{Name: plan.LimitProcesses, Origin: 0}, false, 0, false},
		"another limit":             {plan.Limit{Name: plan.LimitFiles, Origin: plan.NoOrigin}, false, 0, false},
	} {
		s := &start{flags: c.flags}
		s.tier.namespaces = c.namespaces
		if got := s.beside(c.limit, 100); got < 100 || got > 100 != c.more {
			t.Errorf("%s: %d", name, got)
		}
	}
}
