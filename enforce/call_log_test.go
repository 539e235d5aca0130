package enforce

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// What is to be logged and can't be is refused, and nothing else is.
func TestCheckCallLog(t *testing.T) {
	permit := []byte{0x06, 0, 0, 0, 0, 0, 0xff, 0x7f}
	list := []plan.SyscallList{{Action: "log", Names: []string{"getpid"}}}
	rule := []plan.SyscallRule{{Call: "getpid", Action: "log"}}
	for name, c := range map[string]struct {
		syscalls plan.Syscalls
		cleanup  string
		want     string
	}{
		"nothing logged":          {plan.Syscalls{Default: "allow"}, plan.CleanupSystem, ""},
		"logged":                  {plan.Syscalls{Default: "log", LogProgram: permit}, plan.CleanupParent, ""},
		"no parent":               {plan.Syscalls{Default: "log", LogProgram: permit}, plan.CleanupSystem, "cleanup"},
		"no parent for a list":    {plan.Syscalls{Default: "allow", Lists: list, LogProgram: permit}, plan.CleanupSystem, "cleanup"},
		"no filter":               {plan.Syscalls{Default: "log"}, plan.CleanupParent, "no filter"},
		"no filter for a list":    {plan.Syscalls{Default: "allow", Lists: list}, plan.CleanupParent, "no filter"},
		"no filter for a rule":    {plan.Syscalls{Default: "allow", Rules: rule}, plan.CleanupParent, "no filter"},
		"half an instruction":     {plan.Syscalls{Default: "log", LogProgram: permit[:5]}, plan.CleanupParent, "no filter"},
		"an older husk's wrapper": {plan.Syscalls{Default: "kill", Lists: list}, plan.CleanupParent, "no filter"},
	} {
		c.syscalls.Program = permit
		err := unsupported(&plan.Plan{Syscalls: c.syscalls, Tmp: plan.Tmp{Cleanup: c.cleanup}, Network: plan.Network{Mode: plan.NetworkNone}})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A profile that logs nothing has no second filter and no listener, and one that
// does has one listener, for sockets as well where they are mediated.
func TestOneListenerForAll(t *testing.T) {
	permit := []byte{0x06, 0, 0, 0, 0, 0, 0xff, 0x7f}
	for name, c := range map[string]struct {
		logged   []byte
		mediated bool
		want     int // filters beside the policy's own
	}{
		"neither": {nil, false, 0}, "sockets": {nil, true, 1}, "calls": {permit, false, 1}, "both": {permit, true, 1},
	} {
		s := &start{plan: newWorld(t).plan, flags: unix.CLONE_NEWNS | unix.CLONE_NEWPID, dry: true}
		s.tier = tier{abi: 7, namespaces: true, seccomp: true}
		s.plan.Syscalls.LogProgram = c.logged
		if c.mediated {
			s.plan.Filesystem.Read = rules(home("x"))
		}
		s.list = steps.New()
		s.loadMediation()
		if n := len(s.list.Steps); n != c.want {
			t.Errorf("%s: %d filters, want %d: %v", name, n, c.want, s.list.Steps)
		}
		s.tier.seccomp = false // and none without any filter
		s.list = steps.New()
		if s.loadMediation(); len(s.list.Steps) > 0 {
			t.Errorf("%s: %v, where filters are done without", name, s.list.Steps)
		}
	}
}

// A supervisor ends after the process that writes the log, and passes on what
// that has to say.
func TestCallLogIsAwaited(t *testing.T) {
	for _, said := range []string{"", "no space left"} {
		pipe, err := steps.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		s := new(start)
		s.callLog.apart = pipe[0]
		written := make(chan bool, 1)
		go func() {
			if said != "" {
				_, _ = unix.Write(pipe[1], []byte(said))
			}
			written <- true
			_ = unix.Close(pipe[1])
		}()
		told := stderr(t, s.awaitCallLog)
		select {
		case <-written:
		default:
			t.Error("nobody waited")
		}
		if want := "is not complete: " + said; strings.Contains(told, want) != (said != "") || said == "" && told != "" {
			t.Errorf("%q after %q", told, said)
		}
		s.awaitCallLog() // once is enough
	}
}
