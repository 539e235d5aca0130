package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

func (b *builder) network() plan.Network {
	s := b.settings
	n := plan.Network{Origin: b.originOf("network", "mode")}
	n.Mode, _ = s.text("network.mode", plan.NetworkNone)
	n.Loopback, _ = s.flag("network.loopback")
	for _, e := range s.blocks["network.connect"] {
		c := plan.Connect{Host: e.label.key, Origin: b.origin(e.label)}
		for _, port := range e.body.lists["ports"] {
			c.Ports = append(c.Ports, int(port.number))
		}
		c.Protocol, _ = e.body.text("protocol", "")
		if check, _ := e.body.text("check", "on"); check == "off" {
			c.Check = check
		}
		n.Connect = append(n.Connect, c)
	}
	n.Listen = b.listen()
	return n
}

// listen joins the two lists: a published port may be bound as well.
func (b *builder) listen() []plan.Listen {
	published := make(map[string]bool)
	var all []plan.Listen
	for _, r := range b.settings.lists["network.publish"] {
		published[r.key] = true
		all = append(all, plan.Listen{Port: int(r.number), Publish: true, Origin: b.origin(r)})
	}
	for _, r := range b.settings.lists["network.listen"] {
		if !published[r.key] {
			all = append(all, plan.Listen{Port: int(r.number), Origin: b.origin(r)})
		}
	}
	return all
}

func (b *builder) sockets() []plan.Socket {
	var all []plan.Socket
	for _, e := range b.settings.blocks["socket"] {
		k := plan.Socket{Path: *e.label.path, Origin: b.origin(e.label)}
		k.Access, _ = e.body.text("access", "connect")
		k.Scope, _ = e.body.text("scope", "file")
		all = append(all, k)
	}
	return all
}

// syscallLists are the lists of the policy with their actions, in the order in
// which they stand in the plan.
var syscallLists = []struct{ name, action string }{
	{"allow", "allow"}, {"deny", "errno:EPERM"}, {"trap", "trap"}, {"kill", "kill"}, {"log", "log"}, {"notify", "notify"},
}

// promiseGroup begins the name of the group that a promise is: promises are
// another way to write them in allow.
const promiseGroup = "@pledge-"

func (b *builder) syscalls() plan.Syscalls {
	s := b.settings
	k := plan.Syscalls{Origin: b.originOf("syscalls", "default", "foreign_abi")}
	k.Default, _ = s.text("syscalls.default", "allow")
	k.ForeignABI, _ = s.text("syscalls.foreign_abi", "kill")
	// Each name has a list of its own, so that it keeps its own origin.
	named := func(action, name string, r rule) {
		k.Lists = append(k.Lists, plan.SyscallList{Action: action, Names: []string{name}, Origin: b.origin(r)})
	}
	add := func(action string, r rule) { named(action, r.text, r) }
	for _, l := range syscallLists {
		for _, r := range s.lists["syscalls."+l.name] {
			add(l.action, r)
		}
	}
	for _, r := range s.lists["syscalls.promises"] {
		named("allow", promiseGroup+r.text, r)
	}
	for _, r := range s.lists["syscalls.errno"] {
		add("errno:"+r.group, r)
	}
	for _, e := range s.blocks["syscalls.rule"] {
		call := plan.SyscallRule{Call: e.label.key, Origin: b.origin(e.label)}
		call.When, _ = e.body.text("when", "")
		call.Action, _ = e.body.text("action", "")
		k.Rules = append(k.Rules, call)
	}
	k.NoCore = b.noCore()
	b.keepMemory(&k)
	b.keepRoot(&k)
	return k
}

func (b *builder) supervise() *plan.Supervise {
	s := b.settings
	if _, given := s.given["supervise"]; !given {
		return nil
	}
	v := &plan.Supervise{Origin: b.originOf("supervise", "on_denied", "approver", "rate", "burst", "audit")}
	v.OnDenied, _ = s.text("supervise.on_denied", "deny")
	v.Approver, _ = s.text("supervise.approver", "deny")
	v.Rate, _ = s.text("supervise.rate", "10/s")
	burst, _ := s.number("supervise.burst", 20)
	v.Burst = int(min(burst, 1<<30))
	v.Audit, _ = s.text("supervise.audit", "denials")
	return v
}
