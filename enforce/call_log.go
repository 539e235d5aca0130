package enforce

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/supervise"
)

// callLog is where the calls go that the profile logs. The kernel could write
// them down as well (SECCOMP_RET_LOG), into a log that only root may read.
type callLog struct {
	dir    string // of husk's log, "" where nothing is logged
	audit  string // what its lines call this session
	file   *audit.Log
	calls  *supervise.Calls
	token  uint64 // see supervise.LoggingFilter
	apart  int    // where a mediator of its own says that it has ended, 0 for none
	closed bool
}

// logsCalls says whether calls are to be logged. Without any filter, which the
// profile must allow and the user is told of, none are.
func (s *start) logsCalls() bool { return s.tier.seccomp && len(s.plan.Syscalls.LogProgram) > 0 }

// checkCallLog refuses what could not be logged: somebody must stay until the last
// process is gone that has the filter, else what it logs fails with ENOSYS.
func checkCallLog(p *plan.Plan) error {
	switch {
	case !p.Syscalls.Logs():
		return nil
	case len(p.Syscalls.LogProgram) == 0 || len(p.Syscalls.LogProgram)%8 != 0:
		return &Failure{Text: "the plan holds no filter for the calls that are logged", Hint: "render the wrapper again: husk apply"}
	case p.Tmp.Cleanup != plan.CleanupParent:
		return &Failure{Text: "system calls are logged by the process that waits for the program, which may be none with tmp { cleanup = \"system\" }",
			From: where(p, p.Tmp.Origin), Hint: "write cleanup = \"parent\", or take log out of syscalls"}
	}
	return nil
}

// openCallLog opens the log before anything is started: what can't be logged
// doesn't run.
func (s *start) openCallLog() error {
	if !s.logsCalls() {
		return nil
	}
	state, err := s.makeState()
	if err != nil {
		return err
	}
	l := callLog{dir: state + "/log", audit: audit.NewSession(), token: audit.Random()}
	if l.file, err = openLog(s.plan, l.dir, l.audit, unix.Getpid()); err != nil {
		return &Failure{Text: "cannot write the log of system calls: " + err.Error(), Hint: "it lies in " + l.dir + "; XDG_STATE_HOME names another place"}
	}
	l.calls = supervise.NewCalls(s.plan, l.file.Write)
	s.callLog = l
	return nil
}

func openLog(p *plan.Plan, dir, session string, pid int) (*audit.Log, error) {
	return audit.Open(dir, audit.Event{Session: session, Profile: p.Profile, Command: p.Command, Pid: pid})
}

// closeCallLog completes the log once no process is left that could add to it.
func (s *start) closeCallLog() {
	if s.callLog.file == nil || s.callLog.closed {
		return
	}
	s.callLog.closed = true
	s.callLog.calls.Close()
	if err := s.callLog.file.Close(); err != nil {
		warn(incompleteLog + err.Error())
	}
}

const incompleteLog = "the log of system calls is not complete: "

// logPatience bounds how long a mediator of its own may take to complete the log
// when the sandbox is gone.
const logPatience = 10 * time.Second

// awaitCallLog waits until such a mediator has ended, and passes on what it says.
func (s *start) awaitCallLog() {
	fd := s.callLog.apart
	if fd <= 0 {
		return
	}
	s.callLog.apart = 0
	defer unix.Close(fd)
	var said []byte
	for deadline := time.Now().Add(logPatience); ; {
		left := time.Until(deadline)
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(max(0, left).Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if n == 0 || err != nil {
			warn(incompleteLog + "the process that writes it does not end")
			return
		}
		var b [512]byte
		if n, err = unix.Read(fd, b[:]); n <= 0 && err != unix.EINTR {
			break
		}
		said = append(said, b[:max(0, n)]...)
	}
	if len(said) > 0 {
		warn(incompleteLog + string(said))
	}
}
