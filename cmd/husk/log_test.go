package main

import (
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
)

// The lines about one call are one, in its session's place, and each session ends
// with what permits its calls.
func TestFoldCalls(t *testing.T) {
	t.Parallel()
	call := func(session string, number int, count int64) audit.Event {
		return audit.Event{Session: session, Kind: audit.Syscall, Verdict: audit.Logged, Arch: "amd64", Number: &number, Count: count}
	}
	const read, openat, clone, unknown = 0, 257, 56, 1000
	got := foldCalls([]audit.Event{
		call("a", read, 1), call("a", openat, 1), {Session: "a", Kind: audit.Connect}, call("b", read, 1), call("a", unknown, 1),
		call("a", read, 70), call("b", read, 2), call("b", clone, 1),
	})
	var text []string
	for _, e := range got {
		text = append(text, strings.TrimSpace(e.Session+" "+withName(e.Event).Name+" "+strings.Repeat("x", int(min(e.Count, 3)))+" "+strings.Join(strings.Fields(e.allow), " ")))
	}
	want := []string{"a read xxx", "a openat x", "a", "b read xx",
		`a 1000 x syscalls { allow = [ "openat", "read", ] errno = { ENOSYS = ["openat2"] } }`,
		`b clone x syscalls { allow = [ "clone", "read", ] errno = { ENOSYS = ["clone3"] } }`}
	if strings.Join(text, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(text, "\n"), strings.Join(want, "\n"))
	}
}

// A long list is broken into lines, and stays HCL.
func TestAllowText(t *testing.T) {
	t.Parallel()
	var names []string
	for range 40 {
		names = append(names, "rt_sigprocmask")
	}
	text := allowText(names)
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 110 {
			t.Errorf("%d bytes: %s", len(line), line)
		}
	}
	if n := strings.Count(text, `"rt_sigprocmask",`); n != 40 || strings.Contains(text, "errno") {
		t.Errorf("%d names: %s", n, text)
	}
}
