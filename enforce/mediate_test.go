package enforce

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Whatever shows something of the host but system directories is mediated,
// unless Landlock holds the sockets, and nothing else is.
func TestMediates(t *testing.T) {
	whole := func(change func(s *start)) bool {
		s := &start{plan: newWorld(t).plan, flags: unix.CLONE_NEWNS | unix.CLONE_NEWPID}
		s.tier = tier{abi: 7, namespaces: true, seccomp: true}
		s.plan.Program.Path = "/usr/bin/true"
		change(s)
		return s.mediates()
	}
	f := func(s *start) *plan.Filesystem { return &s.plan.Filesystem }
	for name, change := range map[string]func(s *start){
		"reads home":          func(s *start) { f(s).Read = rules(home("x")) },
		"writes the project":  func(s *start) { f(s).Write = rules(project("")) },
		"executes":            func(s *start) { f(s).Execute = rules(env("X")) },
		"an absolute path":    func(s *start) { f(s).Read = rules(plan.Path{Path: "/usrlocal"}) },
		"the root":            func(s *start) { f(s).Read = rules(plan.Path{Path: "/"}) },
		"a bind":              func(s *start) { f(s).Bind = []plan.Bind{{From: cwd(""), To: plan.Path{Path: "/usr/x"}}} },
		"the host's view":     func(s *start) { f(s).View = plan.ViewHost },
		"the host's home":     func(s *start) { s.plan.Home.Mode = plan.HomeHost },
		"a home that is kept": func(s *start) { s.plan.Home.Mode = plan.HomePersistent },
		"the host's /tmp":     func(s *start) { s.plan.Tmp.Mode = plan.TmpHost },
		"no mount namespace":  func(s *start) { s.flags &^= unix.CLONE_NEWNS },
		"no namespaces":       func(s *start) { s.flags, s.tier.namespaces = 0, false },
		"a program at home":   func(s *start) { s.plan.Program.Grants = []string{"/home/u/.cargo"} },
		"Landlock done without": func(s *start) {
			f(s).Read, s.tier.abi, s.tier.without = rules(home("x")), 9, []string{plan.DegradeLandlock}
		},
	} {
		if !whole(change) {
			t.Errorf("%s: not mediated", name)
		}
	}
	for name, change := range map[string]func(s *start){
		"nothing":            func(*start) {},
		"system directories": func(s *start) { f(s).Read = rules(plan.Path{Path: "/usr/share/x"}, plan.Path{Path: "/nix/store"}) },
		"a private home":     func(s *start) { s.plan.Home.Mode = plan.HomePrivate },
		"a program of /usr":  func(s *start) { s.plan.Program.Grants = []string{"/usr/lib/node"} },
		"Landlock ABI 9":     func(s *start) { f(s).Read, s.tier.abi = rules(home("x")), 9 },
		"no filter at all":   func(s *start) { f(s).Read, s.tier.seccomp = rules(home("x")), false },
	} {
		if whole(change) {
			t.Errorf("%s: mediated", name)
		}
	}
}

// The mediator connects where Landlock would have let the program connect.
func TestMediatedTCPIsLandlocks(t *testing.T) {
	s := &start{plan: newWorld(t).plan, tier: tier{abi: 7}}
	if p := s.mediation(); !p.TCPHeld || len(p.TCP) != 0 {
		t.Errorf("without a network: %+v", p)
	}
	s.plan.Network = plan.Network{Mode: plan.NetworkFiltered,
		Connect: []plan.Connect{{Host: "x.example", Ports: []int{443, 80}}}, Listen: []plan.Listen{{Port: 3000}}}
	if p := s.mediation(); !p.TCPHeld || !slices.Contains(p.TCP, 443) || !slices.Contains(p.TCP, 3000) || slices.Contains(p.TCP, 22) {
		t.Errorf("with a filtered one: %+v", p)
	}
	s.plan.Network = plan.Network{Mode: plan.NetworkHost}
	if s.mediation().TCPHeld {
		t.Error("with the host's network TCP is refused")
	}
	s.plan.Network.Mode, s.tier.without = plan.NetworkNone, []string{plan.DegradeLandlock}
	if s.mediation().TCPHeld {
		t.Error("Landlock is done without, and TCP refused all the same")
	}
}

// A datagram socket as a standard stream would be a way around the mediator.
func TestDatagramStreams(t *testing.T) {
	const child = "HUSK_ENFORCE_TEST_STREAMS"
	if os.Getenv(child) != "" {
		if err := noDatagramStreams(nil); err != nil {
			os.Stdout.WriteString(err.Error())
		}
		os.Exit(0)
	}
	for kind, refused := range map[int]bool{unix.SOCK_STREAM: false, unix.SOCK_SEQPACKET: false, unix.SOCK_DGRAM: true} {
		pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		in, other := os.NewFile(uintptr(pair[0]), "in"), os.NewFile(uintptr(pair[1]), "other")
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestDatagramStreams$")
		cmd.Env, cmd.Stdin = append(os.Environ(), child+"=1"), in
		out, err := cmd.Output()
		if err != nil || strings.Contains(string(out), "datagram") != refused {
			t.Errorf("type %d: %q, %v", kind, out, err)
		}
		in.Close()
		other.Close()
	}
}
