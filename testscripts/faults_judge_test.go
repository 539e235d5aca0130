package testscripts

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// named says for each call of a child which kinds of steps it belongs to, as a
// message names them.
var named = map[string]string{
	"openat": "map|file|rlimit|landlock|bind", "openat2": "bind|landlock|mount",
	"mkdirat": "mkdir|bind", "symlinkat": "symlink", "mknodat": "bind|file", "unlinkat": "file", "fchmodat": "bind",
	"mount": "mount|bind|attr", "umount2": "root", "pivot_root": "root", "chdir": "root", "fchdir": "root",
	"open_tree": "bind", "move_mount": "bind|mount", "mount_setattr": "bind|attr|mount",
	"fsopen": "mount", "fsconfig": "mount", "fsmount": "mount",
	"unshare": "namespace", "clone": "process|helper", "setpgid": "group", "close_range": "close|helper",
	"keyctl": "keyring", "capset": "caps", "prctl": "prctl|caps", "prlimit64": "rlimit",
	"landlock_create_ruleset": "landlock", "landlock_add_rule": "landlock", "landlock_restrict_self": "landlock",
	"seccomp": "seccomp", "socket": "network", "ioctl": "network|group", "socketpair": "helper", "dup3": "helper",
}

// wrappersOwn says what a message of the wrapper's own names, and whether the
// session is the matter where no path can be read.
var wrappersOwn = map[string]string{
	"clone3": "namespaces cannot be had|cannot start a process", "landlock_create_ruleset": "Landlock",
	"pipe2": "pipe", "socketpair": "pair of sockets",
	"fstat": "/", "flock": "session directory: /", "fchmod": "session directory: /", "fchmodat": "session directory: /",
	"getdents64": "session directory: /", "mkdirat": "session directory: /", "unlinkat": "session directory: /",
	"openat": "/", "openat2": "/",
}

var reasons = map[unix.Errno]string{unix.EACCES: "permission denied", unix.ENOSPC: "no space left on device"}

// message gives what the error must look like.
func (f *faults) message(i injection, got observed) string {
	object := ""
	if base := path.Base(got.path); got.path != "" && base != "." && base != "/" {
		object = regexp.QuoteMeta(base)
	}
	reason := reasons[i.fail]
	switch {
	case got.met == "execve" && i.who == ofCommand:
		return `secret KEY: cannot run .*/ask: ` + reason + `, asked for by .*try\.hcl:\d+`
	case got.met == "execve":
		return `cannot execute /bin/sh: ` + reason
	case i.who == ofProbe, got.met == "clone3" && len(got.calls[ofProbe]) == 0: // it found nothing out, so what it is for is tried
		return `cannot set up the sandbox: seccomp filter .*, calls that the wrapper answers: device or resource busy`
	case i.who != ofWrapper:
		if object != "" && strings.HasPrefix(got.path, "/proc/self/") {
			object = regexp.QuoteMeta(got.path)
		}
		return `cannot set up the sandbox: (` + named[got.met] + `) .*` + object + `.*: ` + reason
	}
	own := wrappersOwn[got.met]
	if f.direct && named[got.met] != "" { // it makes the steps itself as well
		own = strings.TrimPrefix(own+"|", "|") + "cannot set up the sandbox: (" + named[got.met] + ") "
	}
	return `.*(` + own + `).*` + object + `.*: ` + reason
}

// spares says whether a call may fail and the sandbox be whole all the same: what
// husk reads to know more, what it gives the program as a copy, what it looks for
// and what it lets go.
func spares(i injection, got observed) bool {
	switch i.who {
	case ofWrapper:
		if got.met == "openat2" && got.path == "" { // which asks whether it can be called, and is done without else
			return true
		}
		return map[string]bool{"openat": true, "fstat": true, "getdents64": true, "flock": true}[got.met]
	case ofProbe:
		return true
	case ofInit:
		return got.met == "close_range" // its standard streams, when the program runs
	}
	return false
}

// judge compares a run with what the test promises.
func (f *faults) judge(t *testing.T, i injection, got observed) {
	t.Helper()
	bad := func(what string) {
		t.Errorf("%s at call %d of %s, %s %q: %s: status %d, %q, printed %.40q", i.name, i.at, i.who, got.met, got.path, what, got.status, got.stderr, got.stdout)
	}
	if got.stuck {
		bad("something ran on and on")
	}
	if got.met == "" { // the wrapper has several threads, and not always the same number of calls
		if i.who != ofWrapper || got.stdout != f.whole || got.status != f.status {
			bad("no call was met")
		}
		return
	}
	if !strings.HasPrefix(f.whole, got.stdout) { // it may have been killed on the way
		bad(fmt.Sprintf("the program ran in less than its sandbox: it said %q, not %q", got.stdout, f.whole))
	}
	if i.fail != 0 {
		f.judgeError(bad, i, got)
	} else if !got.wrapperKilled && got.status == 0 {
		bad("a killed sandbox ended well")
	}
	f.judgeLeft(t, bad, i, got)
}

// judgeError looks at a run with a call that failed.
func (f *faults) judgeError(bad func(string), i injection, got observed) {
	message := regexp.MustCompile(`(?m)^husk: error: ` + f.message(i, got))
	status := 125
	if got.met == "execve" && i.who != ofCommand {
		status = 126
	}
	kept := strings.Contains(got.stderr, "could not be removed")
	switch {
	case got.stdout == f.whole && got.status == f.status && spares(i, got):
	case got.stdout != "" && !kept:
		bad("the program ran")
	case got.stdout != "" && got.stdout != f.whole:
		bad("the program ended early")
	case got.status != status:
		bad(fmt.Sprintf("not status %d", status))
	case !message.MatchString(got.stderr):
		bad("no error like " + message.String())
	}
}

// judgeLeft looks at what a run left, and has the next start, or husk gc, remove
// what a killed one had to leave.
func (f *faults) judgeLeft(t *testing.T, bad func(string), i injection, got observed) {
	t.Helper()
	// Nothing of husk's is sure to be left that could tell whether a program that was
	// killed had been started, so its directory stays the system's.
	restricted := f.direct && (got.met == "seccomp" || got.met == "execve") // the wrapper itself
	if got.stdout != "" || i.fail == 0 || restricted {
		f.removeKept(t)
	}
	left := f.left(t)
	if len(left) > 0 && !got.wrapperKilled && !strings.Contains(got.stderr, "could not be removed: "+left[0]) {
		bad(fmt.Sprintf("left %v", left))
	}
	if len(left) > 0 {
		how := "husk gc"
		if i.at%2 == 0 {
			how = "the next start"
			f.start(t)
		} else {
			f.run(t, "husk", "gc")
		}
		if left := f.left(t); len(left) > 0 {
			bad(fmt.Sprintf("%s left %v", how, left))
		}
	}
	if entries, err := os.ReadDir(f.dir); err != nil || len(entries) != 3 { // .git, hidden, look.sh
		bad(fmt.Sprintf("in the project: %v, %v", entries, err))
	}
	if mounts, err := os.ReadFile("/proc/self/mountinfo"); err != nil || strings.Contains(string(mounts), f.root) {
		bad("mounts are left")
	}
}
