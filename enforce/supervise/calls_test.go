package supervise

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/filter"
	"github.com/husk-sandbox/husk/enforce/seccomp/simulator"
)

// logging are policies that log: everything, or some things under conditions.
func logging(t *testing.T) map[string]*plan.Plan {
	t.Helper()
	some := plan.Syscalls{Default: "allow", ForeignABI: "kill", Origin: 0,
		Lists: []plan.SyscallList{{Action: "errno:EPERM", Names: []string{"getpriority"}, Origin: 1}, {Action: "log", Names: []string{"@process", "getppid"}, Origin: 2}},
		Rules: []plan.SyscallRule{
			{Call: "socket", When: "arg0 == AF_INET && arg2 < 100", Action: "log", Origin: 3},
			{Call: "connect", When: "arg2 < 100", Action: "log", Origin: 4},
			{Call: "lseek", When: "arg1 & 0xff00000000 != 0 || arg1 > -5 && arg1 < 7", Action: "log", Origin: 3},
		}}
	all := plan.Syscalls{Default: "log", ForeignABI: "kill", Origin: 0}
	plans := map[string]*plan.Plan{}
	for name, s := range map[string]plan.Syscalls{"some": some, "all": all} {
		compiled, err := seccomp.Compile(s, runtime.GOARCH)
		if err != nil {
			t.Fatal(err)
		}
		p := &plan.Plan{Profile: name, Syscalls: compiled}
		for line := range 5 {
			p.Origins = append(p.Origins, plan.Origin{File: "f.hcl", Line: 10 + line})
		}
		plans[name] = p
	}
	return plans
}

const token = 0x1122334455667788

// samples are calls with arguments: such that the filters look at, and others.
func samples() (all []simulator.Data) {
	random := rand.New(rand.NewPCG(1, 2))
	values := []uint64{0, 1, 2, 3, 5, 7, 10, 99, 100, 1 << 32, 1<<32 | 2, ^uint64(0), ^uint64(4), token, token & 0xffffffff, token &^ 0xffffffff}
	numbers := []int32{-1, foreignCalls - 1, foreignCalls | unix.SYS_CONNECT}
	for nr := range int32(600) {
		numbers = append(numbers, nr)
	}
	for _, nr := range numbers {
		for _, arch := range []uint32{nativeArch, unix.AUDIT_ARCH_I386} {
			for range 40 {
				d := simulator.Data{Number: nr, Arch: arch}
				for i := range d.Args {
					d.Args[i] = values[random.IntN(len(values))]
				}
				all = append(all, d)
			}
		}
	}
	return all
}

// simulated gives a program to be run in the simulator.
func simulated(t *testing.T, program []byte) func(simulator.Data) simulator.Result {
	t.Helper()
	decoded, err := filter.Decode(program)
	if err == nil {
		err = simulator.Check(decoded)
	}
	if err != nil {
		t.Fatal(err)
	}
	return func(d simulator.Data) simulator.Result {
		r, err := simulator.Run(decoded, d)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// The stricter answer of the two parts is the combined program's, but for husk's
// own two calls with the token.
func TestLoggingFilter(t *testing.T) {
	for name, p := range logging(t) {
		for _, sockets := range []bool{false, true} {
			logged, mediated := simulated(t, p.Syscalls.LogProgram), simulated(t, Filter())
			both := simulated(t, LoggingFilter(p.Syscalls.LogProgram, token, sockets))
			for _, d := range samples() {
				of := logged(d)
				want, looked := of.Value, of.LoadedArgs
				if sockets {
					of = mediated(d)
					looked = looked || of.LoadedArgs
					if of.Value != unix.SECCOMP_RET_ALLOW {
						want = of.Value
					}
				}
				if d.Number == unix.SYS_SENDMSG || d.Number == unix.SYS_SECCOMP {
					looked = true
					if d.Args[5] == token {
						want = unix.SECCOMP_RET_ALLOW
					}
				}
				got := both(d)
				if got.Value != want {
					t.Fatalf("%s, sockets %v: %+v: %#x, want %#x", name, sockets, d, got.Value, want)
				}
				if got.LoadedArgs && !looked {
					t.Fatalf("%s, sockets %v: call %d costs a look at its arguments", name, sockets, d.Number)
				}
			}
		}
	}
}

// The mediator's own machine does what the simulator does, and so what the kernel
// does.
func TestEvaluateIsTheSimulator(t *testing.T) {
	programs := [][]byte{Filter(), ClosedFilter()}
	for _, p := range logging(t) {
		programs = append(programs, p.Syscalls.Program, p.Syscalls.LogProgram, LoggingFilter(p.Syscalls.LogProgram, token, true))
	}
	for _, program := range programs {
		simulate := simulated(t, program)
		for _, d := range samples() {
			n := &notification{call: d.Number, arch: d.Arch, args: d.Args}
			if got, ok := evaluate(program, n); !ok || got != simulate(d).Value {
				t.Fatalf("%+v: %#x, %v, want %#x", d, got, ok, simulate(d).Value)
			}
		}
	}
	for _, bad := range [][]byte{nil, {6, 0, 0}, {0x20, 0, 0, 0, 61, 0, 0, 0}, {0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, {0x99, 0, 0, 0, 0, 0, 0, 0}, {5, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f}} {
		if _, ok := evaluate(bad, new(notification)); ok {
			t.Errorf("%v is evaluated", bad)
		}
	}
}

// recorded is where a test's events go.
type recorded struct {
	mutex sync.Mutex
	all   []audit.Event
}

func (r *recorded) write(e audit.Event) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.all = append(r.all, e)
}

// counts gives the greatest count of each call, and where its rule stands.
func (r *recorded) counts() map[int]string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	last := map[int]string{}
	for _, e := range r.all {
		last[*e.Number] = fmt.Sprint(e.Count, " ", e.Rule)
	}
	return last
}

// Calls that are logged are carried out and recorded, by the line that logs them;
// others are not asked about; husk's own leave no trace.
func TestLoggedCallsOnTheKernel(t *testing.T) {
	for _, sockets := range []bool{false, true} {
		t.Run(fmt.Sprint("sockets ", sockets), func(t *testing.T) {
			p := logging(t)["some"]
			var events recorded
			calls := NewCalls(p, events.write)
			v := startLogged(t, Policy{Calls: calls, LeaveSockets: !sockets}, p.Syscalls.LogProgram, "logged")
			wantWord(t, v.end(), "ok ok ok ENOENT")
			calls.Close()
			calls.Close() // and once only
			got := events.counts()
			for nr, want := range map[int]string{
				unix.SYS_GETPPID: "500 f.hcl:12", unix.SYS_KILL: "1 f.hcl:12", unix.SYS_SOCKET: "1 f.hcl:13", unix.SYS_CONNECT: "1 f.hcl:14",
				unix.SYS_GETPID: "", unix.SYS_EXECVE: "", unix.SYS_SENDMSG: "", unix.SYS_SECCOMP: "",
			} {
				if got[nr] != want {
					t.Errorf("call %d: %q, want %q", nr, got[nr], want)
				}
			}
			for i, e := range events.all {
				if e.Kind != audit.Syscall || e.Verdict != audit.Logged || e.Arch != runtime.GOARCH || e.Count < 1 {
					t.Errorf("%d: %+v", i, e)
				}
			}
		})
	}
}

// With everything logged even the program's start goes through the mediator, and
// neither husk's own calls before it nor its threads hang.
func TestEverythingLoggedOnTheKernel(t *testing.T) {
	p := logging(t)["all"]
	var events recorded
	calls := NewCalls(p, events.write)
	wantWord(t, startLogged(t, Policy{Calls: calls, LeaveSockets: true}, p.Syscalls.LogProgram, "logged").end(), "ok ok ok ENOENT")
	calls.Close()
	got := events.counts()
	for _, nr := range []int{unix.SYS_EXECVE, unix.SYS_EXIT_GROUP, unix.SYS_RT_SIGACTION, unix.SYS_FUTEX, unix.SYS_MMAP} {
		if !strings.HasSuffix(got[nr], " f.hcl:10") {
			t.Errorf("call %d: %q", nr, got[nr])
		}
	}
	if got[unix.SYS_GETPPID] != "500 f.hcl:10" || got[unix.SYS_SECCOMP] != "" || got[unix.SYS_SENDMSG] != "" {
		t.Errorf("%v", got)
	}
	// The first of each is written when it comes, so that a killed parent has it.
	if first := events.all[0]; *first.Number != unix.SYS_EXECVE || first.Count != 1 {
		t.Errorf("call %d, %d times", *first.Number, first.Count)
	}
	if n := len(events.all); n > 2*len(got) {
		t.Errorf("%d lines about %d calls", n, len(got))
	}
}

// Without somebody to answer nothing that is logged is carried out.
func TestLoggedCallsWithoutAMediator(t *testing.T) {
	p := logging(t)["some"]
	v := startLogged(t, Policy{Calls: NewCalls(p, func(audit.Event) {}), LeaveSockets: true}, p.Syscalls.LogProgram, "logged-later")
	v.says("ready")
	v.retire()
	if err := v.cmd.Wait(); err != nil || v.out.String() != "ready\nENOSYS" {
		t.Errorf("%v, %q", err, v.out.String())
	}
}

// logged makes calls from many threads that the policy "some" logs, and others.
func logged([]string) string {
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			runtime.LockOSThread() // and end the thread
			for range 50 {
				unix.Getppid()
				unix.Getpid()
			}
		})
	}
	all.Wait()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	said := []string{word(err)}
	said = append(said, word(unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: 9})))
	said = append(said, word(unix.Kill(os.Getpid(), 0)))
	return strings.Join(append(said, word(unix.Access("/none", 0))), " ")
}

// loggedLater makes such a call as long as it works.
func loggedLater([]string) string {
	fmt.Println("ready")
	for {
		if err := unix.Kill(os.Getpid(), 0); err != nil {
			return word(err)
		}
	}
}
