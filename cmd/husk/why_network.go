package main

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/network"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// connect decides about a connection to HOST:PORT.
func (w *why) connect(target string) (verdict, error) {
	host, port, err := hostPort(target)
	if err != nil {
		return verdict{}, err
	}
	if name, ok := rules.Name(host); ok {
		host = name // as a profile writes it
	}
	n := w.plan.Network
	switch n.Mode {
	case plan.NetworkHost:
		return w.decided(true, n.Origin, "network { mode = \"host\" } permits every connection"), nil
	case plan.NetworkNone:
		v := w.decided(false, n.Origin, "the sandbox has no network")
		v.Paste = pasteConnect(plan.Connect{Host: hclText(host)}, port, true)
		return v, nil
	}
	set := rules.New(n.Connect)
	found := connectVerdict(set, host, rules.TCP, port)
	switch {
	case found.Reason == rules.NoName:
		return w.decided(false, plan.NoOrigin, "no host can be called %s", quoted(host)), nil
	case found.Allowed:
		return w.permitted(found.Rule, host, port), nil
	}
	v := w.decided(false, plan.NoOrigin, "no connect rule permits %s port %d", host, port)
	if found.Rule != nil {
		v = w.decided(false, found.Rule.Origin, "connect %q does not permit port %d", found.Rule.Host, port)
	}
	if udp := connectVerdict(set, host, rules.UDP, port); udp.Allowed {
		v.Notes = append(v.Notes, fmt.Sprintf("connect %q permits it for UDP", udp.Rule.Host))
	}
	v.Paste = pasteConnect(plan.Connect{Host: hclText(host)}, port, false)
	if found.Rule != nil && found.Rule.Host == host {
		v.Paste = pasteConnect(found.Rule.Connect, port, false)
		v.Notes = append(v.Notes, "the rule below takes the place of that one, where it is the profile's own")
	}
	return v, nil
}

// connectVerdict asks the rules as the supervisor does: about an address, or
// about a name.
func connectVerdict(set *rules.Set, host, protocol string, port int) rules.Verdict {
	if host == rules.Localhost {
		host = "127.0.0.1"
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return set.Address(addr, protocol, port)
	}
	name, ok := rules.Name(host)
	if !ok {
		return rules.Verdict{Reason: rules.NoName}
	}
	return set.Connect(name, protocol, port)
}

// permitted is the verdict of a rule, with what it still depends on.
func (w *why) permitted(by *rules.Rule, host string, port int) verdict {
	v := w.decided(true, by.Origin, "connect %q permits port %d", by.Host, port)
	if _, err := netip.ParseAddr(host); err == nil || host == rules.Localhost {
		return v
	}
	v.Notes = append(v.Notes, "unless the name leads to a private, loopback or link-local address that no rule names")
	if by.Checked() {
		v.Notes = append(v.Notes, "TLS and plain HTTP must be for "+host+" itself")
	}
	return v
}

// pasteConnect is the HCL that permits a port by a rule, beside its others.
func pasteConnect(rule plan.Connect, port int, withMode bool) string {
	rule.Ports = append(slices.Clone(rule.Ports), port)
	mode := ""
	if withMode {
		mode = "  mode = \"filtered\"\n"
	}
	return fmt.Sprintf("network {\n%s  %s\n}", mode, strings.ReplaceAll(rules.Text(rule), "\n", "\n  "))
}

// bind decides about listening on a port.
func (w *why) bind(target string) (verdict, error) {
	port, err := strconv.Atoi(target)
	if err != nil || port < 0 || port > 65535 {
		return verdict{}, usageError(fmt.Errorf("%s is not a port from 0 to 65535", quoted(target)))
	}
	n := w.plan.Network
	if n.Mode == plan.NetworkHost {
		return w.decided(true, n.Origin, "network { mode = \"host\" } permits every port that you may bind yourself"), nil
	}
	for _, l := range n.Listen {
		if l.Port == port {
			return w.decided(true, l.Origin, "listen permits port %d", port), nil
		}
	}
	if n.Loopback && !listensItself(&n, port) {
		v := w.decided(true, w.plan.OriginOf("network.loopback", ""), "loopback permits every port that husk itself does not listen on")
		v.Notes = append(v.Notes, fmt.Sprintf("only programs of the same sandbox reach it; publish = [%d] makes it reachable from outside", port))
		return v, nil
	}
	if port == 0 { // whatever is free: no list can name it
		v := w.decided(false, plan.NoOrigin, "only loopback permits a port that the kernel chooses")
		v.Paste = "network {\n  loopback = true\n}"
		return v, nil
	}
	v := w.decided(false, plan.NoOrigin, "no listen rule permits port %d", port)
	if n.Mode == plan.NetworkNone {
		v = w.decided(false, n.Origin, "the sandbox has no network")
		v.Paste = fmt.Sprintf("network {\n  mode = \"filtered\"\n  listen = [%d]\n}", port)
		return v, nil
	}
	v.Paste = fmt.Sprintf("network {\n  listen = [%d]\n}", port)
	return v, nil
}

// listensItself says whether husk has the port inside a filtered network, for
// names or for the connections of a rule.
func listensItself(n *plan.Network, port int) bool {
	for _, l := range network.Listeners(n) {
		if !l.UDP && l.Port == port {
			return n.Mode == plan.NetworkFiltered
		}
	}
	return false
}

// unix decides about connecting to a pathname socket.
func (w *why) unix(target string) (verdict, error) {
	path, err := w.host.absolute(target)
	if err != nil {
		return verdict{}, err
	}
	path = followed(path)
	f := filePolicy{}
	for _, s := range w.plan.Sockets {
		var at []place
		w.rules(&f, &at, []plan.PathRule{{Path: s.Path, Origin: s.Origin}}, "socket", place{})
		for _, p := range at {
			if socketCovers(s.Scope, p.path, path) {
				return w.decided(true, s.Origin, "%s permits to %s it", p.what, s.Access), nil
			}
		}
	}
	paste := fmt.Sprintf("socket %s { access = \"connect\" }", w.inProfile(path))
	seen, err := w.file("read", path)
	if err != nil {
		return verdict{}, err
	}
	if !seen.Allowed || len(seen.Notes) > 0 {
		v := w.decided(false, plan.NoOrigin, "no socket rule names %s, and it is not visible inside", path)
		v.Paste = paste
		return v, nil
	}
	// Landlock refuses it from ABI 9 on, below that the waiting parent does.
	v := w.decided(false, plan.NoOrigin, "no socket rule names %s, and only sockets that were made inside can be connected to", path)
	v.Paste = paste
	return v, nil
}

// socketCovers says whether a socket rule of that scope is about path.
func socketCovers(scope, rule, path string) bool {
	switch scope {
	case "children":
		return filepath.Dir(path) == rule
	case "subtree":
		return strings.HasPrefix(path, strings.TrimSuffix(rule, "/")+"/") || path == rule
	}
	return path == rule
}

// syscall decides about a system call.
func (w *why) syscall(name string) (verdict, error) {
	name = callName(w.plan.Syscalls.Arch, name)
	of, err := seccomp.Explain(w.plan.Syscalls, name)
	if err != nil {
		return verdict{}, err
	}
	if len(of.Cases) == 0 {
		return verdict{}, errors.New(name + " does not exist on " + of.Arch)
	}
	// The last case has no condition: it is the answer where no other one applies.
	last := of.Cases[len(of.Cases)-1]
	v := w.decided(last.Permits(), last.Origin, "%s: %s", name, last)
	for _, c := range of.Cases[:len(of.Cases)-1] {
		note := c.String()
		if place := originText(w.plan, c.Origin); place != "" {
			note += ", " + place
		}
		v.Notes = append(v.Notes, note)
	}
	if slices.ContainsFunc(of.Cases, func(c seccomp.Case) bool { return c.Action == seccomp.Log.String() }) {
		v.Notes = append(v.Notes, "a call that is logged is carried out; husk log shows it, and what permits it without a record")
	}
	lift := of.Lift(last)
	if lift == "" && last.By == seccomp.ByName && !v.Allowed {
		lift = of.Rule() // which comes before the list
	}
	if lift != "" {
		v.Paste = "syscalls {\n  " + strings.ReplaceAll(strings.TrimSpace(lift), "\n", "\n  ") + "\n}"
	}
	return v, nil
}

// callName gives the name of the call with that number, as the kernel's log and
// traces have it; anything else is a name already.
func callName(arch, text string) string {
	if arch == "" {
		arch = runtime.GOARCH
	}
	number, err := strconv.Atoi(text)
	calls := table.ByNumber(arch)
	if err != nil || number < 0 || number >= len(calls) || calls[number] == nil {
		return text
	}
	return calls[number].Name
}
