package enforce

import (
	"path"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/session"
)

// A message bus reaches programs that do what they are asked outside of the
// sandbox, so none is shown as it is. xdg-dbus-proxy(1) stands between: a process
// of this session's, outside of the sandbox and restricted itself (bus_proxy.go),
// whose socket is shown where the bus's own would be. It lives as long as a pipe
// is open that this process alone holds, and dies with the thread that started
// it.

// buses is what a start has of them.
type buses struct {
	proxy busProxy
	ready []readyBus
}

// busProxy is the process.
type busProxy struct {
	pid     int
	process int // a descriptor of it (pidfd_open(2)); 0 where there is none
	alive   int // the pipe's reading end: closed, the process ends
	dir     *session.Dir
}

// readyBus is one bus as the proxy offers it.
type readyBus struct {
	bus    *plan.Bus
	at     busAddress // of the bus itself
	source string     // the proxy's socket
	target string     // where it is shown
}

// busPatience bounds how long the proxy may take to be ready, in milliseconds.
const busPatience = 30_000

const busHint = "install xdg-dbus-proxy, then render the wrapper again: husk apply"

// busName is the proxy's socket of a bus, in its own directory.
func busName(bus string) string { return bus }

// checkBuses refuses what cannot be filtered, before anything is made.
func (s *start) checkBuses() error {
	if len(s.plan.DBus) == 0 {
		return nil
	}
	first := &s.plan.DBus[0]
	refuse := func(text, hint string) error {
		return &Failure{Text: text, From: where(s.plan, first.Origin), Hint: hint}
	}
	switch proxy := s.plan.DBusProxy; {
	case s.flags&unix.CLONE_NEWNS == 0:
		return refuse("a message bus can be filtered only with a mount namespace of the sandbox's own", "take \"mount\" out of namespaces { share }")
	case ofItsOwn(s.plan):
		return refuse("a message bus answers its own user alone, and the program is another one", "write identity { user = \"self\" }")
	case proxy == nil:
		return refuse("D-Bus cannot be filtered: xdg-dbus-proxy is not installed", busHint)
	case !path.IsAbs(proxy.Path) || proxy.Arch != runtime.GOARCH || len(proxy.Filter) == 0 || len(proxy.Filter)%8 != 0:
		return refuse("the plan's filter for D-Bus is not complete", "render the wrapper again: husk apply")
	}
	if err := unix.Access(s.plan.DBusProxy.Path, unix.X_OK); err != nil {
		return refuse("D-Bus cannot be filtered: "+s.plan.DBusProxy.Path+": "+err.Error(), busHint)
	}
	for i := range s.plan.DBus {
		if err := s.findBus(&s.plan.DBus[i]); err != nil {
			return err
		}
	}
	return nil
}

// findBus looks where a bus is and where it is to be shown.
func (s *start) findBus(bus *plan.Bus) error {
	fail := func(text, hint string) error {
		return &Failure{Text: "the " + bus.Bus + " bus cannot be reached: " + text, From: where(s.plan, bus.Origin), Hint: hint}
	}
	directory := variable(s.anchors.Caller, "XDG_RUNTIME_DIR")
	if !path.IsAbs(directory) {
		directory = "/run/user/" + strconv.Itoa(s.anchors.UID)
	}
	usual, name := path.Join(directory, "bus"), "DBUS_SESSION_BUS_ADDRESS"
	if bus.Bus == plan.BusSystem {
		usual, name = "/run/dbus/system_bus_socket", "DBUS_SYSTEM_BUS_ADDRESS"
	}
	address := variable(s.anchors.Caller, name)
	if address == "" {
		address = busAddress{path: usual}.String()
	}
	at, err := parseBusAddress(address, directory)
	if err != nil {
		return fail(err.Error(), "set "+name+" to the address of a unix socket")
	}
	target, ok := resolve(path.Dir(usual))
	if !ok {
		return fail(usual+" leads through too many symbolic links", "")
	}
	if at.path == "" && s.flags&unix.CLONE_NEWNET == 0 && (s.tier.abi < landlock.ABIScope || s.tier.lacks(plan.DegradeLandlock)) {
		return fail("its address is an abstract one, which the program would reach in the host's network", "use a bus whose socket has a path")
	}
	if at.path != "" && !s.dry {
		if err := s.trustBus(&at); err != nil {
			hint := ""
			if (host{}).Lstat(at.path) == 0 {
				hint = "start a " + bus.Bus + " bus (dbus-run-session starts one for a command), or set " + name
			}
			return fail(err.Error(), hint)
		}
	}
	s.ready = append(s.ready, readyBus{bus: bus, at: at, target: path.Join(target.path, path.Base(usual))})
	return nil
}

// trustBus looks whether there is a socket, and that the program could not have
// put it there.
func (s *start) trustBus(at *busAddress) error {
	guard, err := s.newSecretGuard()
	if err != nil {
		return err
	}
	real, err := guard.follow(at.path)
	if err != nil {
		return err
	}
	if real.mode&unix.S_IFMT != unix.S_IFSOCK {
		return &Failure{Text: at.path + " is no socket"}
	}
	at.path = real.path
	return nil
}

// startBuses starts the proxy and waits until it listens.
func (s *start) startBuses() error {
	if len(s.ready) == 0 {
		return nil
	}
	guard, err := s.newSecretGuard()
	if err != nil {
		return err
	}
	fail := func(text string) error {
		return &Failure{Text: "D-Bus cannot be filtered: " + text, From: where(s.plan, s.ready[0].bus.Origin), Hint: busHint}
	}
	if _, err := guard.follow(s.plan.DBusProxy.Path); err != nil {
		return fail(err.Error())
	}
	if s.base == "" {
		if s.base, err = s.sessionBase(); err != nil {
			return err
		}
	}
	if s.proxy.dir, err = session.Make(s.base, s.plan.Profile, s.anchors.UID, false); err != nil {
		return fail("cannot make a directory for it: " + err.Error())
	}
	for i := range s.ready {
		s.ready[i].source = path.Join(s.proxy.dir.Path, busName(s.ready[i].bus.Bus))
	}
	if err := s.forkProxy(); err != nil {
		return fail(err.Error())
	}
	if err := s.awaitProxy(); err != nil {
		return fail(err.Error())
	}
	return nil
}

// forkProxy starts the enforcer once more, which restricts itself and becomes the
// proxy. Its working directory is its own, so that the length of that path is no
// matter to its sockets (unix(7), sun_path).
func (s *start) forkProxy() error {
	var alive [2]int
	if err := unix.Pipe2(alive[:], unix.O_CLOEXEC); err != nil {
		return err
	}
	defer unix.Close(alive[1])
	s.proxy.alive = alive[0]
	text, err := sealed("husk-plan", s.text)
	if err != nil {
		return err
	}
	defer unix.Close(text)
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(null)
	argv := []string{busProxyName}
	for _, b := range s.ready {
		argv = append(argv, b.at.String())
	}
	// It dies with this thread, which is the one that goes on as a supervisor.
	runtime.LockOSThread()
	s.proxy.process = -1
	// A session of its own: what the terminal sends is for the program.
	s.proxy.pid, err = syscall.ForkExec("/proc/self/exe", argv, &syscall.ProcAttr{
		Dir: s.proxy.dir.Path, Env: []string{}, Files: []uintptr{uintptr(null), uintptr(null), 2, uintptr(text), uintptr(alive[1])},
		Sys: &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL, PidFD: &s.proxy.process},
	})
	return err
}

// awaitProxy waits for the byte that says that it listens.
func (s *start) awaitProxy() error {
	fds := []unix.PollFd{{Fd: int32(s.proxy.alive), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, busPatience)
	for err == unix.EINTR {
		n, err = unix.Poll(fds, busPatience)
	}
	var ready [1]byte
	if err == nil && n == 1 {
		n, err = unix.Read(s.proxy.alive, ready[:])
	}
	switch {
	case err != nil:
		return err
	case n != 1:
		return &Failure{Text: s.plan.DBusProxy.Path + " did not get ready"}
	}
	return nil
}

// stopBuses ends the proxy and removes what it left. It may have ended by itself.
func (s *start) stopBuses() error {
	p := s.proxy
	s.proxy = busProxy{}
	if p.process > 0 {
		_ = unix.Close(p.alive)
		_ = unix.PidfdSendSignal(p.process, unix.SIGKILL, nil, 0)
		_ = unix.Close(p.process)
		for {
			if _, err := unix.Wait4(p.pid, nil, 0, nil); err != unix.EINTR {
				break // ECHILD where it was waited for as an orphan
			}
		}
	}
	if p.dir == nil {
		return nil
	}
	if err := p.dir.Remove(); err != nil {
		return &Failure{Text: "the directory of the filter for D-Bus could not be removed: " + err.Error(), Hint: "husk gc tries again"}
	}
	return nil
}

// busSockets are the proxy's sockets as sockets that the profile names.
func (s *start) busSockets(named []grant) ([]grant, error) {
	for _, b := range s.ready {
		for i := range named {
			if b.at.path != "" && named[i].path == b.at.path {
				return nil, &Failure{Text: "the " + b.bus.Bus + " bus itself is named as a socket, beside its filter", From: where(s.plan, named[i].origin),
					Hint: "leave the socket block out, or the dbus block"}
			}
		}
	}
	for _, b := range s.ready {
		source := b.source
		if s.dry {
			source = path.Join(path.Dir(s.sessionPath()), session.Prefix(s.anchors.UID)+s.plan.Profile+"-DBUS", busName(b.bus.Bus))
		}
		named = append(named, grant{resolved: resolved{path: source, mode: unix.S_IFSOCK}, target: b.target, origin: b.bus.Origin})
	}
	return named, nil
}

// busVariables tell programs where the buses are, whatever the environment said.
func (s *start) busVariables(env []string) []string {
	for _, b := range s.ready {
		name := "DBUS_SESSION_BUS_ADDRESS"
		if b.bus.Bus == plan.BusSystem {
			name = "DBUS_SYSTEM_BUS_ADDRESS"
		}
		kept := env[:0]
		for _, entry := range env {
			if len(entry) <= len(name) || entry[len(name)] != '=' || entry[:len(name)] != name {
				kept = append(kept, entry)
			}
		}
		env = append(kept, name+"="+busAddress{path: b.target}.String())
	}
	return env
}
