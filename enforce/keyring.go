package enforce

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// A user may have 200 keys by default (keyrings(7), kernel.keys.maxkeys), each
// sandbox has one, and those of sandboxes that have just ended are taken back by
// and by: hundreds of short commands at once are more than that at times. One
// keyring for all sandboxes of a profile would do with fewer. But a keyring is
// joined by its name, anybody may have made one of that name before, with keys in
// it (keyctl_join_session_keyring(3)), and what one sandbox links there another
// one finds.

// Times that a start waits for a keyring.
const (
	keyringPatience = 20 * time.Second // while keyrings come and go
	keyringStill    = 3 * time.Second  // while none does: then others keep them
	keyringPause    = 10 * time.Millisecond
)

// keyringWait is how a start waits.
type keyringWait struct {
	pauses       time.Duration // how many there were
	waited, same time.Duration // in all, and since the keyrings changed
	seen         string        // the session keyrings, "" where nobody tells
}

// more gives the time to wait before the next try; ok is false where waiting is
// no use any more. seen are the session keyrings that there are now.
func (w *keyringWait) more(seen string) (pause time.Duration, ok bool) {
	if seen != w.seen || seen == "" {
		w.same = 0
	}
	w.seen = seen
	if w.waited >= keyringPatience || w.same >= keyringStill {
		return 0, false
	}
	w.pauses++
	pause = w.pauses * keyringPause
	w.waited += pause
	w.same += pause
	return pause, true
}

// keyringFreed says whether to start again because err is that the user has too
// many keyrings, and waits a while before it does. Nothing was started, and the
// caller's streams are there for the next one; but before Linux 6.0 with a time
// namespace, where a program counts as executed when its process is made.
func (s *start) keyringFreed(err error) bool {
	if s.gone {
		return false
	}
	var f *Failure
	if !errors.As(err, &f) || f.step == nil || !tooManyKeys(f.step) {
		return false
	}
	keys, _ := readFile("/proc/keys")
	pause, ok := s.keyringWait.more(sessionKeyrings(string(keys)))
	if ok {
		time.Sleep(pause)
	}
	return ok
}

func tooManyKeys(f *steps.Failure) bool { return f.Step.Kind == steps.Key && f.Errno == unix.EDQUOT }

// sessionKeyrings gives the numbers of those that /proc/keys shows: serial, flags,
// usage, timeout, permissions, user, group, type and description (keyrings(7)).
func sessionKeyrings(keys string) string {
	var serials strings.Builder
	for line := range strings.Lines(keys) {
		if fields := strings.Fields(line); len(fields) > 8 && fields[7] == "keyring" && strings.HasPrefix(fields[8], "_ses") {
			serials.WriteString(fields[0] + " ")
		}
	}
	return serials.String()
}

// keyHint says which bound is reached and how to raise it. users is /proc/key-users:
// "UID: usage keys/instantiated keys/bound bytes/bound" (keyrings(7)).
func keyHint(users string, uid int) string {
	bound, have, more := "maxkeys", "", 2000
	for line := range strings.Lines(users) {
		fields := strings.Fields(line)
		if len(fields) != 5 || fields[0] != strconv.Itoa(uid)+":" {
			continue
		}
		keys, mostKeys := ofBound(fields[3])
		bytes, mostBytes := ofBound(fields[4])
		have, more = " and you have "+fields[3]+" keys", 10*mostKeys
		if bytes*mostKeys > keys*mostBytes { // the fuller one
			bound, have, more = "maxbytes", " and you have "+fields[4]+" bytes of keys", 10*mostBytes
		}
	}
	bound = "kernel.keys." + bound
	if uid == 0 {
		bound = strings.Replace(bound, "max", "root_max", 1)
	}
	return "each running sandbox has a keyring" + have + ": end some, or let root raise the bound: sysctl -w " + bound + "=" + strconv.Itoa(more) +
		", and the same in a file of /etc/sysctl.d to stay"
}

// ofBound reads "used/bound", 0 for what is no number.
func ofBound(text string) (used, bound int) {
	first, second, _ := strings.Cut(text, "/")
	used, _ = strconv.Atoi(first)
	bound, _ = strconv.Atoi(second)
	return used, bound
}
