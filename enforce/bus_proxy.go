package enforce

import (
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/husk-sandbox/husk/enforce/kernel"
	"github.com/husk-sandbox/husk/enforce/landlock"
	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/steps"
)

// The process that filters message buses reads what the program sends, so it
// gives up what it does not need before it starts: it can execute nothing but
// itself, write nothing but its sockets, read what programs are made of, and
// make no socket but unix ones (Landlock, seccomp, no capabilities).

// busProxyName is what such a process calls itself until it is the proxy.
const busProxyName = "husk-dbus"

// Descriptors that it gets.
const (
	busPlan  = 3
	busAlive = 4
)

// ownSockets are the rights in its directory: sockets are made, and those of
// their name taken away before.
const ownSockets = landlock.Access(syscall.AccessFSMakeSock | syscall.AccessFSRemoveFile | syscall.AccessFSReadDir)

// becomeBusProxy is the life of such a process: argv has the buses' addresses, in
// the order of the plan. It returns only with an error.
func becomeBusProxy(argv []string) int {
	text, err := readFile("/proc/self/fd/3")
	if err != nil {
		return report(err)
	}
	p, err := plan.Decode(text)
	if err != nil {
		return report(err)
	}
	l, err := confinedProxy(p, argv[1:])
	if err != nil {
		return report(err)
	}
	runtime.LockOSThread() // what the steps change belongs to the thread
	if f := l.Become(); f != nil {
		return report(&Failure{Text: "D-Bus cannot be filtered: " + f.Step.Text() + ": " + f.Errno.Error()})
	}
	return StatusSetup
}

// confinedProxy gives the steps from this process to the proxy.
func confinedProxy(p *plan.Plan, addresses []string) (*steps.List, error) {
	if len(addresses) != len(p.DBus) || p.DBusProxy == nil {
		return nil, &Failure{Text: "husk-dbus is started by husk-enforce alone"}
	}
	l := steps.New()
	l.CloseOnExec()
	l.KeepOnExec(busAlive)
	l.NewKeyring()
	l.Rlimit("core", unix.RLIMIT_CORE, 0, 0, plan.NoOrigin)
	if mayDrop() {
		l.BoundCapabilities(lastCapability())
	}
	l.ClearCapabilities()
	l.Prctl("no new privileges", unix.PR_SET_NO_NEW_PRIVS, 1)
	if err := confineProxyFiles(l, p, addresses); err != nil {
		return nil, err
	}
	if !degrades(p, plan.DegradeSeccomp) || kernel.Seccomp() == nil {
		l.Seccomp(p.DBusProxy.Filter, 0, plan.NoOrigin)
	}
	l.Exec(p.DBusProxy.Path, proxyArguments(p, addresses), nil)
	return l, nil
}

// confineProxyFiles writes the ruleset. What the profile does without on this
// kernel, the proxy does without as well: the parent has refused to start
// otherwise.
func confineProxyFiles(l *steps.List, p *plan.Plan, addresses []string) error {
	abi, err := landlock.ABI()
	if err != nil || abi < landlock.ABIFiles {
		return nil
	}
	handled := landlock.HandledBy(abi)
	var paths []string
	for _, address := range addresses {
		at, err := parseBusAddress(address, "")
		if err != nil {
			return &Failure{Text: err.Error()}
		}
		if at.path == "" {
			handled.Scoped &^= syscall.ScopeAbstractUnixSocket
		} else {
			paths = append(paths, at.path)
		}
	}
	l.Ruleset(handled.Attr(), handled.String())
	allow := func(path string, rights landlock.Access) {
		at, ok := resolve(path)
		if !ok || at.mode == 0 {
			return
		}
		if rights &= handled.FS; !at.isDir() {
			rights = rights.OnFile()
		}
		if rights != 0 {
			l.AllowBeneath(at.path, uint64(rights), rights.String(), plan.NoOrigin)
		}
	}
	for _, tree := range append(namespaces.SystemTrees(), "/etc") {
		allow(tree, landlock.Read)
	}
	for _, path := range append(p.DBusProxy.Grants, p.DBusProxy.Path) {
		allow(path, landlock.Read|landlock.Execute)
	}
	for _, path := range paths {
		allow(path, landlock.ConnectUnix)
	}
	own, err := workingDirectory()
	if err != nil {
		return err
	}
	allow(own, ownSockets)
	l.Restrict()
	return nil
}

// workingDirectory gives the process's own.
func workingDirectory() (string, error) {
	buffer := make([]byte, unix.PathMax)
	n, err := unix.Getcwd(buffer)
	if err != nil || n < 2 {
		return "", &Failure{Text: "the proxy has no directory"}
	}
	return string(buffer[:n-1]), nil
}

// proxyArguments gives the proxy's command line (xdg-dbus-proxy(1)): everything is
// filtered, and each rule stands for itself.
func proxyArguments(p *plan.Plan, addresses []string) []string {
	argv := []string{p.DBusProxy.Path, "--fd=4"}
	for i := range p.DBus {
		argv = append(argv, addresses[i], busName(p.DBus[i].Bus), "--filter")
		for _, r := range p.DBus[i].Rules {
			argv = append(argv, "--"+r.Kind+"="+r.Text)
		}
	}
	return argv
}
