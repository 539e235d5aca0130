package pty

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Dialogue is a list of turns with the program in a terminal, read by Parse
// from one turn per line:
//
//	send "TEXT"          types the text (a Go string: \r is Enter, \x03 Ctrl-C)
//	expect "REGEXP"      waits until the output behind the last match matches
//	never "REGEXP"       nothing written until now matches
//	resize ROWS COLUMNS  changes the window size
//	signal NAME          sends a signal (TERM, WINCH, …) to the program itself
//	hangup               takes the terminal away: the session gets SIGHUP
//	exit STATUS          the program ends with this status or by this signal
//
// Empty lines and lines that start with # are skipped. The tty echoes what is
// typed: write commands so that what they print differs from how they look.
type Dialogue struct {
	turns []turn
}

type turn struct {
	line int
	text string
	play func(*stage) error
}

// stage is a running dialogue: the terminal and how far it was read.
type stage struct {
	*Terminal
	offset int
}

// verbs maps a verb to the function that reads its operands.
var verbs = map[string]func(operands string) (func(*stage) error, error){
	"send":   parseSend,
	"expect": parseExpect,
	"never":  parseNever,
	"resize": parseResize,
	"signal": parseSignal,
	"hangup": parseHangup,
	"exit":   parseExit,
}

// Parse reads a dialogue. Every error names its line.
func Parse(text string) (*Dialogue, error) {
	d := &Dialogue{}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		verb, operands, _ := strings.Cut(line, " ")
		parse, ok := verbs[verb]
		if !ok {
			return nil, fmt.Errorf("line %d: unknown verb %q", i+1, verb)
		}
		play, err := parse(strings.TrimSpace(operands))
		if err != nil {
			return nil, fmt.Errorf("line %d: %s: %w", i+1, verb, err)
		}
		d.turns = append(d.turns, turn{line: i + 1, text: line, play: play})
	}
	if len(d.turns) == 0 {
		return nil, fmt.Errorf("the dialogue is empty")
	}
	return d, nil
}

// Hold plays the dialogue and stops at the first turn that goes wrong.
func (d *Dialogue) Hold(t *Terminal) error {
	s := &stage{Terminal: t}
	for _, turn := range d.turns {
		if err := turn.play(s); err != nil {
			return fmt.Errorf("line %d: %s: %w", turn.line, turn.text, err)
		}
	}
	return nil
}

func parseSend(operands string) (func(*stage) error, error) {
	text, err := strconv.Unquote(operands)
	if err != nil {
		return nil, fmt.Errorf("want a quoted text: %w", err)
	}
	return func(s *stage) error { return s.Send(text) }, nil
}

func parsePattern(operands string) (*regexp.Regexp, error) {
	text, err := strconv.Unquote(operands)
	if err != nil {
		return nil, fmt.Errorf("want a quoted regular expression: %w", err)
	}
	return regexp.Compile(text)
}

func parseExpect(operands string) (func(*stage) error, error) {
	pattern, err := parsePattern(operands)
	if err != nil {
		return nil, err
	}
	return func(s *stage) error {
		end, err := s.Expect(pattern, s.offset)
		if err != nil {
			return err
		}
		s.offset = end
		return nil
	}, nil
}

func parseNever(operands string) (func(*stage) error, error) {
	pattern, err := parsePattern(operands)
	if err != nil {
		return nil, err
	}
	return func(s *stage) error {
		if found := pattern.FindString(s.Output()); found != "" {
			return fmt.Errorf("the terminal shows %q", found)
		}
		return nil
	}, nil
}

func parseResize(operands string) (func(*stage) error, error) {
	fields := strings.Fields(operands)
	if len(fields) != 2 {
		return nil, fmt.Errorf("want ROWS COLUMNS")
	}
	var size [2]uint16
	for i, field := range fields {
		n, err := strconv.ParseUint(field, 10, 16)
		if err != nil {
			return nil, err
		}
		size[i] = uint16(n)
	}
	return func(s *stage) error { return s.Resize(size[0], size[1]) }, nil
}

func parseSignal(operands string) (func(*stage) error, error) {
	sig := unix.SignalNum("SIG" + operands)
	if sig == 0 {
		return nil, fmt.Errorf("unknown signal %q", operands)
	}
	return func(s *stage) error { return s.Signal(sig) }, nil
}

func parseHangup(operands string) (func(*stage) error, error) {
	if operands != "" {
		return nil, fmt.Errorf("takes nothing")
	}
	return func(s *stage) error { return s.HangUp() }, nil
}

func parseExit(operands string) (func(*stage) error, error) {
	if _, err := strconv.Atoi(operands); err != nil && unix.SignalNum("SIG"+operands) == 0 {
		return nil, fmt.Errorf("want a status or the name of a signal, not %q", operands)
	}
	return func(s *stage) error {
		status, err := s.Wait()
		if err != nil {
			return err
		}
		if got := Describe(status); got != operands {
			return fmt.Errorf("ended with %s", got)
		}
		return nil
	}, nil
}

// Describe gives a status in the notation of exit: "3", or "TERM" for a program
// that a signal ended.
func Describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return strings.TrimPrefix(unix.SignalName(status.Signal()), "SIG")
	}
	return strconv.Itoa(status.ExitStatus())
}
