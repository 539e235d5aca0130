package supervise

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// place is a directory of a test's own that everybody may use. Its name is short, as
// the address of a unix socket has to be (unix(7)), which a test's own name may not be.
func place(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "husk-")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantWord(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHostsSocketIsRefusedAndOnesOwnIsNot(t *testing.T) {
	dir := place(t)
	host := newHostSocket(t, "unix", dir+"/host")
	packets := newHostSocket(t, "unixpacket", dir+"/packets")
	if err := os.Symlink("host", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{host.path, dir + "/link", dir + "/./host"} {
		wantWord(t, victim(t, Policy{}, "connect", path), "EACCES")
	}
	wantWord(t, victim(t, Policy{}, "seqpacket", packets.path), "EACCES")
	wantWord(t, victim(t, Policy{}, "own", dir+"/own"), "ok")
	wantWord(t, victim(t, Policy{}, "relative", dir+"/relative"), "ok")
	wantWord(t, victim(t, Policy{}, "renamed", dir+"/renamed"), "ok")
	host.untouched(t)
	packets.untouched(t)
}

// What another sandbox, or an earlier one, left is the host's.
func TestAnotherSandboxesSocketIsTheHosts(t *testing.T) {
	dir := place(t)
	wantWord(t, victim(t, Policy{}, "own", dir+"/left"), "ok")
	wantWord(t, victim(t, Policy{}, "connect", dir+"/left"), "ECONNREFUSED") // nobody listens: programs then remove it
	other := startVictim(t, Policy{}, "stay", dir+"/other")
	other.says("listening")
	wantWord(t, victim(t, Policy{}, "connect", dir+"/other"), "EACCES")
	_ = other.cmd.Process.Kill()
	_ = other.cmd.Wait()
	other.retire()
	wantWord(t, victim(t, Policy{}, "connect", dir+"/other"), "ECONNREFUSED")
}

// The place of a socket says nothing about whose it is.
func TestExchangedSockets(t *testing.T) {
	dir := place(t)
	host := newHostSocket(t, "unix", dir+"/host")
	wantWord(t, victim(t, Policy{}, "exchanged", dir+"/mine", host.path), "EACCES")
	host.untouched(t)
}

func TestPathLeftToTheHost(t *testing.T) {
	dir := place(t)
	v := startVictim(t, Policy{}, "removed", dir+"/s")
	v.says("removed")
	host := newHostSocket(t, "unix", dir+"/s")
	wantWord(t, v.end(), "removed\nEACCES")
	host.untouched(t)
}

func TestRaces(t *testing.T) {
	dir := place(t)
	host := newHostSocket(t, "unix", dir+"/host")
	wantWord(t, victim(t, Policy{}, "race", dir+"/mine", host.path), "ok")
	host.untouched(t)
}

func TestMoreSocketsThanAreRemembered(t *testing.T) {
	wantWord(t, victim(t, Policy{}, "many", place(t)+"/"), "ok")
}

func TestSocketTypes(t *testing.T) {
	const want = `1 0x1: ok ok
1 0x2: EACCES EACCES
1 0x3: EACCES EACCES
1 0x5: ok ok
1 0x80802: EACCES EACCES
2 0x1: ok ENOTSUP
2 0x2: ok ENOTSUP
2 0x5: ESOCKTNOSUPPORT ESOCKTNOSUPPORT
2 0x80802: ok ENOTSUP
upper half: EACCES`
	wantWord(t, victim(t, Policy{}, "types"), want)
}

// A program that nobody waits for makes no unix sockets but pairs.
func TestClosedFilter(t *testing.T) {
	const want = `1 0x1: EACCES ok
1 0x2: EACCES EACCES
1 0x3: EACCES EACCES
1 0x5: EACCES ok
1 0x80802: EACCES EACCES
2 0x1: ok ENOTSUP
2 0x2: ok ENOTSUP
2 0x5: ESOCKTNOSUPPORT ESOCKTNOSUPPORT
2 0x80802: ok ENOTSUP
upper half: EACCES`
	cmd := exec.Command("/proc/self/exe", "types")
	cmd.Env = append(os.Environ(), loadEnv+"=closed")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wantWord(t, string(out), want)
}

// A queue that is full: the socket says whether its owner waits.
func TestBlockingUnixConnect(t *testing.T) {
	dir := place(t)
	wantWord(t, victim(t, Policy{}, "queue", dir+"/q"), "EAGAIN ok")
	wantWord(t, victim(t, Policy{}, "interrupt", dir+"/i"), "ok")
	wantWord(t, victim(t, Policy{}, "impatience", dir+"/p"), "EAGAIN")
}

func TestInternet(t *testing.T) {
	one := Policy{TCPHeld: true, TCP: []int{9, 1}}
	for name, c := range map[string]struct {
		p              Policy
		deed, to, want string
	}{
		"waits":           {Policy{}, "tcp", "127.0.0.1:1", "ECONNREFUSED"},
		"does not wait":   {Policy{}, "tcp-later", "127.0.0.1:1", "EINPROGRESS"},
		"refused":         {Policy{TCPHeld: true}, "tcp", "127.0.0.1:1", "EACCES"},
		"refused at once": {Policy{TCPHeld: true}, "tcp-later", "127.0.0.1:1", "EACCES"},
		"by port":         {one, "tcp", "127.0.0.1:1", "ECONNREFUSED"},
		"by other port":   {one, "tcp", "127.0.0.1:2", "EACCES"},
		"broadcast":       {Policy{}, "tcp", "255.255.255.255:1", "ENETUNREACH"},
	} {
		if got := victim(t, c.p, c.deed, c.to); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestOddCallsHaveTheKernelsErrors(t *testing.T) {
	// EBADF and the like for what is none; EINVAL for a family that isn't the
	// socket's; ECONNREFUSED for a file or a directory that is no socket.
	wantWord(t, victim(t, Policy{}, "odd"),
		"EBADF ENOTSOCK EFAULT EINVAL EINVAL EINVAL EFAULT EINVAL EINVAL ENOENT ELOOP ECONNREFUSED")
}

func TestAbstractNames(t *testing.T) {
	name := "@husk-supervise-" + filepath.Base(t.TempDir()) + t.Name()
	host := newHostSocket(t, "unix", name)
	wantWord(t, victim(t, Policy{}, "connect", name), "EPERM")
	host.untouched(t)
	// In a network namespace of the sandbox's own every such name is its own.
	wantWord(t, victim(t, Policy{OwnNetwork: true}, "connect", name), "ok")
}

func TestNetlink(t *testing.T) {
	wantWord(t, victim(t, Policy{}, "netlink"), "ok EPERM EPERM")
}

func TestNamedSockets(t *testing.T) {
	dir := place(t)
	host, other := newHostSocket(t, "unix", dir+"/host"), newHostSocket(t, "unix", dir+"/other")
	named := func() []int {
		fd, err := unix.Open(host.path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		return []int{fd}
	}
	wantWord(t, victim(t, Policy{Named: named()}, "connect", host.path), "ok")
	wantWord(t, victim(t, Policy{Named: named()}, "connect", other.path), "EACCES")
	// Its place does not make another one a named socket.
	if err := unix.Renameat2(unix.AT_FDCWD, host.path, unix.AT_FDCWD, other.path, unix.RENAME_EXCHANGE); err != nil {
		t.Fatal(err)
	}
	p := Policy{Named: named()} // what stands there now is the other one
	wantWord(t, victim(t, p, "connect", other.path), "EACCES")
	if err := unix.Renameat2(unix.AT_FDCWD, host.path, unix.AT_FDCWD, other.path, unix.RENAME_EXCHANGE); err != nil {
		t.Fatal(err)
	}
	other.untouched(t)
}

// Without a mediator the kernel refuses.
func TestMediatorsDeath(t *testing.T) {
	dir := place(t)
	host := newHostSocket(t, "unix", dir+"/s")
	v := startVictim(t, Policy{}, "removed", dir+"/mine")
	v.says("removed")
	v.retire()
	if err := v.cmd.Wait(); err != nil || v.out.String() != "removed\nENOSYS" {
		t.Errorf("%v, %q", err, v.out.String())
	}
	host.untouched(t)
}

// A program with an identity of its own must not be taken for the one who
// started it by a service outside.
func TestNamedSocketsAndAnotherUser(t *testing.T) {
	if unix.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	host := newHostSocket(t, "unix", place(t)+"/host")
	for deed, want := range map[string]string{"connect": "ok", "as-another": "EACCES"} {
		fd, err := unix.Open(host.path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		wantWord(t, victim(t, Policy{Named: []int{fd}}, deed, host.path), want)
	}
}

func TestPolicyAsArguments(t *testing.T) {
	log := ApartLog{Dir: "/a b", Session: "0123", Pid: 7, Plan: planFile, End: endPipe}
	for _, p := range []Policy{{}, {OwnNetwork: true, Named: []int{firstNamed, firstNamed + 1}}, {TCPHeld: true, TCP: []int{443, 80}}, {LeaveSockets: true}} {
		for _, l := range []ApartLog{log, {Plan: planFile, End: endPipe}} {
			got, gotLog, err := readWords(words(p, l))
			if err != nil || !reflect.DeepEqual(got, p) && len(got.TCP)+len(p.TCP) > 0 || gotLog != l {
				t.Errorf("%+v, %+v became %+v, %+v, %v", p, l, got, gotLog, err)
			}
		}
	}
	good := []string{"true", "true", "true", "", "", "1", "0"}
	if _, _, err := readWords(good); err != nil {
		t.Error(err)
	}
	for i, bad := range map[int]string{0: "x", 1: "", 2: "2", 5: "a", 6: ""} {
		words := slices.Clone(good)
		words[i] = bad
		if _, _, err := readWords(words); err == nil {
			t.Errorf("%q is no policy", words)
		}
	}
	for _, words := range [][]string{nil, {"true"}, good[:6], append(slices.Clone(good), "b")} {
		if _, _, err := readWords(words); err == nil {
			t.Errorf("%q is no policy", words)
		}
	}
}
