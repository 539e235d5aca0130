package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/hcl"
	"github.com/husk-sandbox/husk/wrappers"
)

// busCalls is the policy of the process that filters message buses, on top of
// what every sandbox is refused: unix sockets and threads, no other process, no
// other network, nobody's memory. It has to execute itself once.
var busCalls = plan.Syscalls{
	Default: "allow", ForeignABI: "kill", Origin: plan.NoOrigin,
	Lists: []plan.SyscallList{{Action: "errno:EPERM", Origin: plan.NoOrigin, Names: []string{
		"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
	}}},
	Rules: []plan.SyscallRule{
		{Call: "clone", When: "arg0 & CLONE_THREAD == 0", Action: "errno:EPERM", Origin: plan.NoOrigin},
		{Call: "socket", When: "arg0 != AF_UNIX", Action: "errno:EAFNOSUPPORT", Origin: plan.NoOrigin},
	},
}

// compileBus fills in the filter of the process that filters message buses.
func (p *pipeline) compileBus(resolved *plan.Plan) error {
	if resolved.DBusProxy == nil {
		return nil
	}
	const key = "the bus proxy's"
	done, ok := p.compiled[key]
	if !ok {
		policy := busCalls
		if p.arch == "amd64" { // arm64 has neither
			policy.Lists = append([]plan.SyscallList{{Action: "errno:EPERM", Origin: plan.NoOrigin, Names: []string{"fork", "vfork"}}}, policy.Lists...)
		}
		var err error
		if done, err = seccomp.Compile(policy, p.arch); err != nil {
			return fmt.Errorf("the filter of the bus proxy: %w", err)
		}
		p.compiled[key] = done
	}
	own := *resolved.DBusProxy
	own.Arch, own.Filter = done.Arch, done.Program
	resolved.DBusProxy = &own
	return nil
}

// busText says how a message bus is reached.
func busText(of *plan.Plan, b plan.Bus) string {
	by := wrappers.BusProxy + ", which is not installed"
	if of.DBusProxy != nil {
		by = of.DBusProxy.Path
	}
	return "the " + b.Bus + " bus, filtered by " + by
}

// dbus decides about calling a name: NAME on the session bus, system:NAME on the
// system's.
func (w *why) dbus(target string) (verdict, error) {
	bus, name, found := strings.Cut(target, ":")
	if !found {
		bus, name = plan.BusSession, target
	}
	if bus != plan.BusSession && bus != plan.BusSystem {
		return verdict{}, usageError(fmt.Errorf("there is no bus %s: write NAME, session:NAME or system:NAME", quoted(bus)))
	}
	if err := hcl.CheckBusName(name); err != nil {
		return verdict{}, usageError(fmt.Errorf("%s: %w", quoted(name), err))
	}
	paste := fmt.Sprintf("dbus %q {\n  talk = [%q]\n}", bus, name)
	for _, b := range w.plan.DBus {
		if b.Bus == bus {
			return w.busName(b, name, paste), nil
		}
	}
	v := w.decided(false, plan.NoOrigin, "no rule gives the %s bus", bus)
	v.Paste = paste
	return v, nil
}

// busName decides by the rules of one bus. What narrows the calls is a note.
func (w *why) busName(b plan.Bus, name, paste string) verdict {
	var notes []string
	var call *plan.BusRule
	for _, r := range b.Rules {
		of, _, _ := strings.Cut(r.Text, "=")
		switch {
		case !hcl.BusNameCovers(of, name):
		case r.Kind == plan.BusTalk || r.Kind == plan.BusOwn:
			return w.decided(true, r.Origin, "%s %q permits it", r.Kind, r.Text)
		case r.Kind == plan.BusCall:
			if call == nil {
				call = &r
			}
			notes = append(notes, "what call "+strconv.Quote(r.Text)+" permits, and nothing else")
		default:
			notes = append(notes, r.Kind+" "+strconv.Quote(r.Text)+" lets it be seen, not called")
		}
	}
	if call != nil {
		v := w.decided(true, call.Origin, "call %q permits a part of it", call.Text)
		v.Notes = notes
		return v
	}
	v := w.decided(false, b.Origin, "no rule of the %s bus permits to call %s", b.Bus, name)
	v.Notes, v.Paste = notes, paste
	return v
}
