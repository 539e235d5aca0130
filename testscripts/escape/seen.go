package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// seen looks from outside whether an attempt worked; evidence is what it saw.
type seen func(s *stage, r *result) (open bool, evidence string)

// showsSecret: the stage's secret came out.
func showsSecret(s *stage, r *result) (bool, string) {
	return strings.Contains(r.stdout, s.secret), "the secret was printed"
}

// shows: a text came out that only a success has.
func shows(word string) seen {
	return func(s *stage, r *result) (bool, string) {
		text := s.path(word)
		return strings.Contains(r.stdout, text), "printed " + text
	}
}

// touched: a file outside is not what it was, or is new.
func touched(word string) seen {
	return func(s *stage, _ *result) (bool, string) {
		path := s.path(word)
		before, known := s.before[path]
		if !known {
			before = "absent"
		}
		after := fingerprint(path)
		return before != after, word + " changed"
	}
}

// setID: a file has set-user-ID or set-group-ID.
func setID(word string) seen {
	return func(s *stage, _ *result) (bool, string) {
		var st unix.Stat_t
		err := unix.Lstat(s.path(word), &st)
		return err == nil && st.Mode&(unix.S_ISUID|unix.S_ISGID) != 0, fmt.Sprintf("left with mode %o", st.Mode)
	}
}

// planted: a file is there that wasn't; it is removed.
func planted(word string) seen {
	return func(s *stage, _ *result) (bool, string) {
		path := s.path(word)
		return os.Remove(path) == nil, path + " was made"
	}
}

// repeats: a file that standard output appended to has the secret twice, so
// it was read there.
func repeats(word string) seen {
	return func(s *stage, _ *result) (bool, string) {
		text, err := os.ReadFile(s.path(word))
		return err == nil && strings.Count(string(text), s.secret) > 1, "the log was read"
	}
}

// accountChanged: somebody outside says that something happened to him.
func accountChanged(s *stage, _ *result) (bool, string) {
	for _, a := range s.accounts {
		if what := a.changed(); what != "" {
			return true, what
		}
	}
	return false, ""
}

// arrived: a socket outside got the attempt's word. Without a sandbox it must come;
// with one nothing does, which a moment has to be enough to see.
func arrived(s *stage, r *result) (bool, string) {
	moment := 50 * time.Millisecond
	if s.bare && r.status == 0 {
		moment = patience
	}
	for _, c := range s.received {
		select {
		case got := <-c:
			return true, "outside came: " + string(got)
		case <-time.After(moment):
		}
	}
	return false, ""
}

// typed: the terminal has input that nobody typed.
func typed(s *stage, _ *result) (bool, string) {
	n, err := unix.IoctlGetInt(int(s.terminal.slave.Fd()), unix.TIOCINQ)
	return err == nil && n > 0, "typed into the terminal"
}

// hungUp: the terminal's descriptors of before are dead.
func hungUp(s *stage, _ *result) (bool, string) {
	_, err := unix.IoctlGetInt(int(s.terminal.slave.Fd()), unix.TIOCINQ)
	return err == unix.EIO, "the caller's terminal was hung up"
}

// wrote: the terminal that is not the command's showed its word.
func wrote(s *stage, _ *result) (bool, string) {
	text := s.terminal.shown()
	return strings.Contains(text, "PLANTED"), "shown on another terminal"
}

// stopped: the command itself, or the shell's part before it, was stopped.
func stopped(_ *stage, r *result) (bool, string) {
	return r.stopped, "stopped what waits for it"
}

// lingers: somebody still holds the lock after the end. What a sandbox ends is
// given its time, since not every tool waits for that, and the kernel ends what a
// killed one leaves when it gets round to it.
func lingers(s *stage, _ *result) (bool, string) {
	defer func() { _ = os.WriteFile(s.path("$PROJECT/stop"), nil, 0o644) }()
	f, err := os.OpenFile(s.path("$PROJECT/lock"), os.O_RDWR, 0)
	if err != nil {
		return false, ""
	}
	defer f.Close()
	wait := 10 * time.Second
	if s.bare {
		wait = 100 * time.Millisecond
	}
	for end := time.Now().Add(wait); time.Now().Before(end); {
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			return false, ""
		}
		time.Sleep(10 * time.Millisecond)
	}
	return true, "still runs after the end"
}

// litters: the caller's temporary directory isn't empty afterwards.
func litters(s *stage, _ *result) (bool, string) {
	entries, err := os.ReadDir(s.vars["TMP"])
	return err != nil || len(entries) > 0, "left in the temporary directory"
}

// domainName: the machine has the domain name that the attempt gave it. It
// gets its own back.
func domainName(s *stage, _ *result) (bool, string) {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return false, ""
	}
	if unix.ByteSliceToString(u.Domainname[:]) != s.vars["UNIQUE"] {
		return false, ""
	}
	_ = unix.Setdomainname([]byte(s.vars["DOMAIN"]))
	return true, "the machine's domain name was changed"
}

// kernelAddresses: /proc/kallsyms doesn't say 0 for everything.
func kernelAddresses(_ *stage, r *result) (bool, string) {
	for _, line := range strings.Split(r.stdout, "\n") {
		if address, _, ok := strings.Cut(line, " "); ok && strings.Trim(address, "0") != "" {
			return true, "addresses of the kernel"
		}
	}
	return false, ""
}

// dumped: the kernel says that it wrote a core dump, or a file is there.
func dumped(_ *stage, r *result) (bool, string) {
	return r.dumped, "a core dump was made"
}
