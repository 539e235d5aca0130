package supervise

import (
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A supervisor restricts itself, and may look into nobody's memory from then
// on. So the mediator of its sandbox is a process of its own: this program once
// more, which dies with the supervisor, and ends when the sandbox has ended.

// ApartName is what such a process calls itself.
const ApartName = "husk-mediator"

// StartApart starts a mediator as a process. It takes over handover, the socket
// that the listener comes through. The calling thread must be the one that
// lives on: the process dies with it.
func StartApart(handover int, p Policy) error {
	defer closeAll(append(p.Named, handover))
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	files := []uintptr{uintptr(null), uintptr(null), uintptr(null), uintptr(handover)}
	for _, fd := range p.Named {
		files = append(files, uintptr(fd))
	}
	// Its own process group: what a terminal sends is for the program.
	_, err = syscall.ForkExec("/proc/self/exe", append([]string{ApartName}, p.words()...), &syscall.ProcAttr{
		Env: []string{}, Files: files, Sys: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	})
	return err
}

func closeAll(fds []int) {
	for _, fd := range fds {
		_ = unix.Close(fd)
	}
}

// firstNamed is the descriptor of the first named socket in such a process;
// the others follow, and handedOver is the socket that the listener comes
// through.
const (
	handedOver = 3
	firstNamed = 4
)

// words are the policy as arguments.
func (p Policy) words() []string {
	words := []string{strconv.FormatBool(p.OwnNetwork), strconv.FormatBool(p.TCPHeld), strconv.Itoa(len(p.Named))}
	for _, port := range p.TCP {
		words = append(words, strconv.Itoa(port))
	}
	return words
}

// readWords is the reverse.
func readWords(words []string) (p Policy, err error) {
	if len(words) < 3 {
		return p, unix.EINVAL
	}
	var numbers []int
	for _, word := range words[2:] {
		n, err := strconv.Atoi(word)
		if err != nil {
			return p, err
		}
		numbers = append(numbers, n)
	}
	if p.OwnNetwork, err = strconv.ParseBool(words[0]); err == nil {
		p.TCPHeld, err = strconv.ParseBool(words[1])
	}
	for i := range numbers[0] {
		p.Named = append(p.Named, firstNamed+i)
	}
	p.TCP = numbers[1:]
	return p, err
}

// Apart is the life of such a process: argv as it was started with. It gives
// the status to exit with.
func Apart(argv []string) int {
	p, err := readWords(argv[1:])
	if err != nil {
		return 125
	}
	return New(handedOver, p).Run()
}

// Open says that there is a sandbox to answer, or will be.
func (m *Mediator) Open() bool { return m.handover >= 0 || m.listener >= 0 }
