package pty

import (
	"fmt"
	"regexp"
	"syscall"
	"time"
)

// Patience is how long Expect and Wait wait for what must come. It bounds a
// test that fails; one that passes never waits for it.
const Patience = 2 * time.Minute

// Expect waits until the output from offset on matches the pattern and gives
// the offset behind the match.
func (t *Terminal) Expect(pattern *regexp.Regexp, offset int) (int, error) {
	end := 0
	err := t.until(func() (bool, error) {
		if at := pattern.FindIndex(t.output[offset:]); at != nil {
			end = offset + at[1]
			return true, nil
		}
		if t.closed {
			return false, fmt.Errorf("the terminal was closed before %q came", pattern)
		}
		return false, nil
	}, fmt.Sprintf("%q", pattern))
	return end, err
}

// Wait waits until the program has ended and gives its status.
func (t *Terminal) Wait() (syscall.WaitStatus, error) {
	err := t.until(func() (bool, error) { return t.ended, nil }, "the program's end")
	if err != nil {
		return 0, err
	}
	return t.cmd.ProcessState.Sys().(syscall.WaitStatus), nil
}

// until waits until done says so; done is called with the lock held.
func (t *Terminal) until(done func() (bool, error), what string) error {
	deadline := time.Now().Add(Patience)
	timer := time.AfterFunc(Patience, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.change.Broadcast()
	})
	defer timer.Stop()
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		if !time.Now().Before(deadline) {
			return fmt.Errorf("waited %s for %s in vain", Patience, what)
		}
		t.change.Wait()
	}
}
