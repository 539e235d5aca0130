package supervise

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// A supervisor restricts itself, and may look into nobody's memory from then
// on. So the mediator of its sandbox is a process of its own: this program once
// more, which dies with the supervisor, and ends when the sandbox has ended.

// ApartName is what such a process calls itself.
const ApartName = "husk-mediator"

// ApartLog is what such a process needs to log calls; the zero value is for one
// that logs none. Plan and End are descriptors, which belong to it.
type ApartLog struct {
	Dir     string // of the log
	Session string // what the log calls this session
	Pid     int    // of the wrapper
	Plan    int    // a file with the plan
	End     int    // a pipe: closed when the log is complete, after what went wrong
}

// StartApart starts a mediator as a process. It takes over handover, the socket
// that the listener comes through. The calling thread must be the one that
// lives on: the process dies with it.
func StartApart(handover int, p Policy, log ApartLog) error {
	ours := append(p.Named, handover)
	defer func() { closeAll(ours) }()
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	if log.Dir == "" {
		log.Plan, log.End = null, null
	} else {
		ours = append(ours, log.Plan, log.End)
	}
	files := []uintptr{uintptr(null), uintptr(null), uintptr(null), uintptr(handover), uintptr(log.Plan), uintptr(log.End)}
	for _, fd := range p.Named {
		files = append(files, uintptr(fd))
	}
	// Its own process group: what a terminal sends is for the program.
	_, err = syscall.ForkExec("/proc/self/exe", append([]string{ApartName}, words(p, log)...), &syscall.ProcAttr{
		Env: []string{}, Files: files, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	return err
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}

// Descriptors of such a process: the socket that the listener comes through, what
// ApartLog has, and the named sockets.
const (
	handedOver = 3
	planFile   = 4
	endPipe    = 5
	firstNamed = 6
)

// words are the arguments of such a process.
func words(p Policy, log ApartLog) []string {
	words := []string{strconv.FormatBool(p.OwnNetwork), strconv.FormatBool(p.TCPHeld), strconv.FormatBool(p.LeaveSockets),
		log.Dir, log.Session, strconv.Itoa(log.Pid), strconv.Itoa(len(p.Named))}
	for _, port := range p.TCP {
		words = append(words, strconv.Itoa(port))
	}
	return words
}

// readWords is the reverse.
func readWords(words []string) (p Policy, log ApartLog, err error) {
	const flags, numbers = 3, 5 // where the latter begin
	if len(words) < numbers+2 {
		return p, log, unix.EINVAL
	}
	for i, flag := range []*bool{&p.OwnNetwork, &p.TCPHeld, &p.LeaveSockets} {
		if *flag, err = strconv.ParseBool(words[i]); err != nil {
			return p, log, err
		}
	}
	log.Dir, log.Session = words[flags], words[flags+1]
	var all []int
	for _, word := range words[numbers:] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return p, log, err
		}
		all = append(all, n)
	}
	log.Pid, log.Plan, log.End = all[0], planFile, endPipe
	for i := range all[1] {
		p.Named = append(p.Named, firstNamed+i)
	}
	p.TCP = all[2:]
	return p, log, nil
}

// Apart is the life of such a process: argv as it was started with. It gives
// the status to exit with.
func Apart(argv []string) int {
	p, log, err := readWords(argv[1:])
	if err != nil {
		return 125
	}
	if log.Dir == "" {
		return New(handedOver, p).Run()
	}
	file, err := log.open(&p)
	if err != nil {
		return log.fail(err)
	}
	status := New(handedOver, p).Run()
	p.Calls.Close()
	if err := file.Close(); err != nil {
		return log.fail(err)
	}
	return status
}

// open opens the log and adds the record of calls to the policy.
func (l ApartLog) open(p *Policy) (*audit.Log, error) {
	text, err := os.ReadFile("/proc/self/fd/" + strconv.Itoa(l.Plan)) // from its beginning
	if err != nil {
		return nil, err
	}
	decoded, err := plan.Decode(text)
	if err != nil {
		return nil, err
	}
	file, err := audit.Open(l.Dir, audit.Event{Session: l.Session, Profile: decoded.Profile, Command: decoded.Command, Pid: l.Pid})
	if err != nil {
		return nil, err
	}
	p.Calls = NewCalls(decoded, file.Write)
	return file, nil
}

// fail tells the parent why the log is not complete. Nobody is left to be told
// where that does not work.
func (l ApartLog) fail(err error) int {
	_, _ = unix.Write(l.End, []byte(err.Error()))
	return 125
}

// Open says that there is a sandbox to answer, or will be.
func (m *Mediator) Open() bool { return m.handover >= 0 || m.listener >= 0 }
