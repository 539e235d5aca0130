package enforce

import (
	"bytes"
	"errors"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// handover is what a parent tells the supervisor that it becomes: the same
// process, another program. It travels in a sealed file without a name, never
// in arguments or the environment, which others may read or set. Numbers are
// descriptors where nothing else is said; they are open across execve(2).
type handover struct {
	pid       int // the sandbox's first process
	reaper    bool
	report    int    // the report pipe
	signals   [2]int // the pipe that caught signals come through
	mask      uint64 // the caller's signal mask
	tty       int    // the controlling terminal, -1 for none
	group     int    // the wrapper's process group
	give      bool   // the program's group has the terminal
	std       string // path of the terminal
	base      string // where session directories lie
	session   string // the session directory, "" for none
	sessionIn int    // the directory that it lies in
	sessionFD int    // itself, with the lock
	finisher  finisher
	homeFD    int    // the persistent home, with the lock
	cgroup    string // the session's cgroup, "" for none
	cgroupIn  int    // the directory that it lies in
	cgroupFD  int    // itself, with the lock
	bus       busProxy
	busDir    string // the bus proxy's directory, "" for none
	busIn     int    // the directory that it lies in
	busFD     int    // itself, with the lock
	network   int    // the socket that the listeners come through
	published []int  // listeners on the host's loopback, in the plan's order
	audit     string // what the log calls this session, "" where that is still open
	callsEnd  int    // where the mediator says that the log of calls is complete, -1 for none
	observer  observer
	steps     []steps.Step
	plan      []byte // as it was read
}

// handoverVersion is the first line's number: husk and husk-enforce are
// installed together, and a mixture must not guess.
const handoverVersion = 5

const handoverHead = "husk handover "

// field is one line of a handover.
type field struct {
	name  string
	write func() string
	read  func(string) error
}

func (h *handover) fields() []field {
	return []field{
		numberField("pid", &h.pid), flagField("reaper", &h.reaper), numberField("report", &h.report),
		numberField("signals", &h.signals[0]), numberField("signal-writer", &h.signals[1]),
		{"mask", func() string { return strconv.FormatUint(h.mask, 16) }, func(s string) (err error) {
			h.mask, err = strconv.ParseUint(s, 16, 64)
			return err
		}},
		numberField("tty", &h.tty), numberField("group", &h.group), flagField("give", &h.give), textField("terminal", &h.std),
		textField("base", &h.base), textField("session", &h.session),
		numberField("session-in", &h.sessionIn), numberField("session-fd", &h.sessionFD),
		numberField("absent-pid", &h.finisher.pid), numberField("absent-lock", &h.finisher.lock), numberField("absent-answer", &h.finisher.answer),
		numberField("home-fd", &h.homeFD),
		textField("cgroup", &h.cgroup), numberField("cgroup-in", &h.cgroupIn), numberField("cgroup-fd", &h.cgroupFD),
		numberField("bus-pid", &h.bus.pid), numberField("bus-process", &h.bus.process), numberField("bus-alive", &h.bus.alive),
		textField("bus", &h.busDir), numberField("bus-in", &h.busIn), numberField("bus-fd", &h.busFD),
		numberField("network", &h.network),
		{"published", h.publishedText, h.readPublished},
		textField("audit", &h.audit), numberField("calls-end", &h.callsEnd),
		numberField("observer-pid", &h.observer.pid), numberField("observer", &h.observer.socket), textField("unobserved", &h.observer.lost),
		{"steps", h.stepsText, h.readSteps},
	}
}

func numberField(name string, n *int) field {
	return field{name, func() string { return strconv.Itoa(*n) }, func(s string) (err error) {
		*n, err = strconv.Atoi(s)
		return err
	}}
}

func flagField(name string, b *bool) field {
	return field{name, func() string { return strconv.FormatBool(*b) }, func(s string) (err error) {
		*b, err = strconv.ParseBool(s)
		return err
	}}
}

func textField(name string, t *string) field {
	return field{name, func() string { return strconv.Quote(*t) }, func(s string) (err error) {
		*t, err = strconv.Unquote(s)
		return err
	}}
}

func (h *handover) publishedText() string {
	words := make([]string, len(h.published))
	for i, fd := range h.published {
		words[i] = strconv.Itoa(fd)
	}
	return strings.Join(words, " ")
}

func (h *handover) readPublished(s string) error {
	for _, word := range strings.Fields(s) {
		fd, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		h.published = append(h.published, fd)
	}
	return nil
}

// stepsText gives the steps' words for the sentence about one that fails, one
// quoted text after the other.
func (h *handover) stepsText() string {
	var b []byte
	for i := range h.steps {
		s := &h.steps[i]
		b = strconv.AppendInt(b, int64(s.Origin), 10)
		for _, word := range []string{string(s.Kind), s.Object, s.Process, s.Text()} {
			b = strconv.AppendQuote(append(b, ' '), word)
		}
		b = append(b, ';')
	}
	return string(b)
}

func (h *handover) readSteps(s string) error {
	for s != "" {
		number, rest, ok := strings.Cut(s, " ")
		origin, err := strconv.Atoi(number)
		if !ok || err != nil {
			return errors.New("malformed step")
		}
		var words [4]string
		for i := range words {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				return err
			}
			if words[i], err = strconv.Unquote(quoted); err != nil {
				return err
			}
			rest = rest[len(quoted):]
			if rest == "" {
				return errors.New("step without an end")
			}
			rest = rest[1:]
		}
		step := steps.NewStep(steps.Kind(words[0]), origin, words[1], words[3])
		step.Process = words[2]
		h.steps = append(h.steps, step)
		s = rest
	}
	return nil
}

// encode gives the file's content: a line for each field, an empty one, the
// plan.
func (h *handover) encode() []byte {
	var b bytes.Buffer
	b.WriteString(handoverHead + strconv.Itoa(handoverVersion) + "\n")
	for _, f := range h.fields() {
		b.WriteString(f.name + " " + f.write() + "\n")
	}
	b.WriteByte('\n')
	b.Write(h.plan)
	return b.Bytes()
}

// decodeHandover reads what encode wrote, every field in its place.
func decodeHandover(text []byte) (*handover, error) {
	head, text, _ := bytes.Cut(text, []byte("\n"))
	if string(head) != handoverHead+strconv.Itoa(handoverVersion) {
		return nil, errors.New("husk and husk-enforce are of different versions")
	}
	h := new(handover)
	for _, f := range h.fields() {
		var line []byte
		var ok bool
		line, text, ok = bytes.Cut(text, []byte("\n"))
		name, value, _ := strings.Cut(string(line), " ")
		if !ok || name != f.name {
			return nil, errors.New("handover without " + f.name)
		}
		if err := f.read(value); err != nil {
			return nil, errors.New("handover's " + f.name + ": " + err.Error())
		}
	}
	empty, text, ok := bytes.Cut(text, []byte("\n"))
	if !ok || len(empty) > 0 {
		return nil, errors.New("handover with more than is known")
	}
	h.plan = text
	return h, nil
}
