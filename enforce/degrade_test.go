package enforce

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestLack(t *testing.T) {
	for _, name := range plan.Degradable {
		p := &plan.Plan{Profile: "npm"}
		var strict tier
		f := refused(t, strict.lack(p, name, "something is missing", "get it"),
			"husk: error: something is missing", "husk: hint: get it; or let the profile do without: degrade = [\""+name+"\"]")
		if len(strict.without) != 0 || f.exitStatus() != StatusSetup {
			t.Errorf("%s: %v, status %d", name, strict.without, f.exitStatus())
		}
		for _, other := range plan.Degradable {
			p.Degrade = []string{other}
			var tr tier
			err := tr.lack(p, name, "x", "y")
			if (err == nil) != (other == name) || tr.lacks(name) != (other == name) {
				t.Errorf("%s with degrade %s: %v, %v", name, other, err, tr.without)
			}
		}
	}
	tr := tier{without: []string{"landlock-scope", "limits"}}
	if got, want := tr.notice(&plan.Plan{Profile: "npm"}), "profile npm runs without landlock-scope, limits, as its degrade allows"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// What the profile asks for that this kernel has is never done without.
func TestDegradeTakesNothingAwayThatIsThere(t *testing.T) {
	abi, err := landlock.ABI()
	if err != nil || abi < landlock.ABIScope {
		cannotRun(t, "Landlock is too old")
	}
	w := newWorld(t)
	w.plan.Degrade = slices.Clone(plan.Degradable)
	s := &start{plan: w.plan, anchors: w.anchors()}
	if err := s.decide(); err != nil {
		t.Fatal(err)
	}
	if len(s.tier.without) != 0 || !s.tier.namespaces || !s.tier.seccomp || s.tier.abi != abi {
		t.Errorf("%+v", s.tier)
	}
}

func TestLandlockReason(t *testing.T) {
	for want, c := range map[string]struct {
		err error
		abi int
	}{
		"ABI 2 cannot keep files from being truncated": {nil, 2},
		"this kernel is built without it":              {unix.ENOSYS, 0},
		"switched off":                                 {unix.EOPNOTSUPP, 0},
		"operation not permitted":                      {unix.EPERM, 0},
	} {
		if got := landlockReason(c.err, c.abi); !strings.Contains(got, want) {
			t.Errorf("%v, %d: %q", c.err, c.abi, got)
		}
	}
}

func TestCloneFlags(t *testing.T) {
	all := map[string]uintptr{
		plan.NamespaceUser: unix.CLONE_NEWUSER, plan.NamespaceMount: unix.CLONE_NEWNS, plan.NamespacePID: unix.CLONE_NEWPID,
		plan.NamespaceNet: unix.CLONE_NEWNET, plan.NamespaceIPC: unix.CLONE_NEWIPC, plan.NamespaceUTS: unix.CLONE_NEWUTS,
		plan.NamespaceCgroup: unix.CLONE_NEWCGROUP,
	}
	var every uintptr
	for _, flag := range all {
		every |= flag
	}
	p := &plan.Plan{Network: plan.Network{Mode: plan.NetworkNone}}
	if got := cloneFlags(p); got != every {
		t.Errorf("nothing is shared: %#x, want %#x", got, every)
	}
	for name, flag := range all {
		p.Namespaces.Share = []string{name}
		if got := cloneFlags(p); got != every&^flag {
			t.Errorf("%s is shared: %#x, want %#x", name, got, every&^flag)
		}
	}
	p.Namespaces.Share, p.Network.Mode = nil, plan.NetworkHost
	if got := cloneFlags(p); got != every&^unix.CLONE_NEWNET {
		t.Errorf("the host's network: %#x", got)
	}
	p.Namespaces.Share, p.Network.Mode = plan.AllNamespaces, plan.NetworkNone
	if got := cloneFlags(p); got != 0 {
		t.Errorf("everything is shared: %#x", got)
	}
}

// The kernel's no leads to the next lower tier that the profile allows, and to
// no other.
func TestTiersBelowARefusal(t *testing.T) {
	const flags = uintptr(unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWNET)
	for name, c := range map[string]struct {
		degrade []string
		flags   uintptr
		want    uintptr
		refused bool
	}{
		"none":                    {nil, flags, 0, true},
		"something else":          {[]string{plan.DegradeLandlock, plan.DegradeSeccomp}, flags, 0, true},
		"namespaces":              {[]string{plan.DegradeNamespaces}, flags, 0, false},
		"the network's":           {[]string{plan.DegradeNetworkNamespace}, flags, flags &^ unix.CLONE_NEWNET, false},
		"the network's, not made": {[]string{plan.DegradeNetworkNamespace}, flags &^ unix.CLONE_NEWNET, 0, true},
		"both":                    {[]string{plan.DegradeNetworkNamespace, plan.DegradeNamespaces}, flags, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.plan.Degrade = c.degrade
			s := &start{plan: w.plan, anchors: w.anchors(), flags: c.flags, tier: tier{namespaces: true}}
			err := s.withoutNamespaces(unix.EPERM)
			if c.refused {
				refused(t, err, "user namespaces cannot be had", "operation not permitted", "degrade = [")
				return
			}
			if err != nil || s.flags != c.want || s.tier.namespaces != (c.want != 0) || len(s.tier.without) != 1 {
				t.Errorf("flags %#x, %+v, %v", s.flags, s.tier, err)
			}
			// A second refusal of the lowest tier is the end.
			s.tier.namespaces = false
			refused(t, s.withoutNamespaces(unix.EAGAIN), "cannot start a process")
		})
	}
}

func TestSignalsOfATerminal(t *testing.T) {
	for _, sig := range passedOn {
		switch sig {
		case unix.SIGKILL, unix.SIGSTOP, unix.SIGCHLD, unix.SIGURG, unix.SIGTTIN, unix.SIGTTOU:
			t.Errorf("%v is passed on", sig)
		}
	}
	for _, sig := range []unix.Signal{unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM} {
		if fromTerminal(sig) {
			t.Errorf("a terminal sends no %v", sig)
		}
	}
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGQUIT, unix.SIGTSTP, unix.SIGWINCH} {
		if !fromTerminal(sig) {
			t.Errorf("a terminal sends %v to its whole group", sig)
		}
	}
}

func TestResolve(t *testing.T) {
	w := newWorld(t)
	w.dir("a/b")
	w.file("a/f")
	w.link("a/b", "rel")
	w.link(w.root+"/rel", "abs")
	w.link("nowhere/x", "dangling")
	w.link("../..", "a/b/up")
	w.link("loop", "loop")
	for p, want := range map[string]string{
		"a/b": "T/a/b dir", "a/f": "T/a/f file", "rel": "T/a/b dir", "abs": "T/a/b dir", "abs/up/a": "T/a dir",
		"none": "T/none missing 1", "none/at/all": "T/none/at/all missing 3", "dangling": "T/nowhere/x missing 2",
		"dangling/y": "T/nowhere/x/y missing 3", "a/f/x": "T/a/f/x missing 1", "a//./b/": "T/a/b dir", "a/b/../f": "T/a/f file",
	} {
		r, ok := resolve(w.root + "/" + p)
		got := w.text(r.path) + " "
		switch {
		case r.isDir():
			got += "dir"
		case r.mode != 0:
			got += "file"
		default:
			got += "missing " + strconv.Itoa(r.missing)
		}
		if !ok || got != want {
			t.Errorf("%s: %s, %v; want %s", p, got, ok, want)
		}
	}
	if _, ok := resolve(w.root + "/loop"); ok {
		t.Error("a loop has an end")
	}
	r, _ := resolve(w.root + "/abs")
	if len(r.links) != 2 || w.text(r.links[0].path) != "T/abs" || r.links[1].target != "a/b" {
		t.Errorf("links %+v", r.links)
	}
	if r, _ := resolve(""); r.path != "/" {
		t.Errorf("nothing resolves to %q", r.path)
	}
}
