package wrappers

import "errors"

var errFull = errors.New("too much output")

// limited collects at most max bytes; the write that would exceed them fails,
// which ends the program that writes.
type limited struct {
	data []byte
	max  int
	full bool
}

func (l *limited) Write(p []byte) (int, error) {
	if len(l.data)+len(p) > l.max {
		l.full = true
		return 0, errFull
	}
	l.data = append(l.data, p...)
	return len(p), nil
}

// tail keeps the last few hundred bytes of what is written to it.
type tail struct {
	last []byte
}

const tailSize = 400 // bytes

func (t *tail) Write(p []byte) (int, error) {
	t.last = append(t.last, p...)
	if over := len(t.last) - tailSize; over > 0 {
		t.last = append([]byte(nil), t.last[over:]...)
	}
	return len(p), nil
}
