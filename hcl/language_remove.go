package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

// removal says which lists and blocks an attribute of remove takes entries
// out of.
type removal struct {
	attribute
	lists  []string
	blocks []string
}

var removals = []removal{
	{attribute{name: "read", of: aPath}, []string{"filesystem.read"}, nil},
	{attribute{name: "write", of: aPath}, []string{"filesystem.write"}, nil},
	{attribute{name: "execute", of: aPath}, []string{"filesystem.execute"}, nil},
	{attribute{name: "hide", of: aPath}, []string{"filesystem.hide"}, nil},
	{attribute{name: "protect", of: aPath}, []string{"filesystem.protect"}, nil},
	{attribute{name: "join", of: aPath}, []string{"filesystem.join"}, nil},
	{attribute{name: "markers", of: fileName}, []string{"filesystem.markers"}, nil},
	{attribute{name: "bind", of: aPath}, nil, []string{"filesystem.bind"}},
	{attribute{name: "tmpfs", of: aPath}, nil, []string{"filesystem.tmpfs"}},
	{attribute{name: "pass", of: variablePattern}, []string{"environment.pass"}, nil},
	{attribute{name: "set", of: variableName}, []string{"environment.set"}, nil},
	{attribute{name: "unset", of: variablePattern}, []string{"environment.unset"}, nil},
	{attribute{name: "secret", of: variableName}, nil, []string{"environment.secret"}},
	{attribute{name: "connect", of: aHost}, nil, []string{"network.connect"}},
	{attribute{name: "listen", of: aPort}, []string{"network.listen"}, nil},
	{attribute{name: "publish", of: aPort}, []string{"network.publish"}, nil},
	{attribute{name: "socket", of: aPath}, nil, []string{"socket"}},
	{attribute{name: "dbus", of: oneWordOf(plan.BusSession, plan.BusSystem)}, nil, []string{"dbus"}},
	{attribute{name: "share", of: anyText}, []string{"namespaces.share"}, nil},
	{attribute{name: "allow", of: callName}, []string{"syscalls.allow"}, nil},
	{attribute{name: "deny", of: callName}, []string{"syscalls.deny"}, nil},
	{attribute{name: "trap", of: callName}, []string{"syscalls.trap"}, nil},
	{attribute{name: "kill", of: callName}, []string{"syscalls.kill"}, nil},
	{attribute{name: "log", of: callName}, []string{"syscalls.log"}, nil},
	{attribute{name: "notify", of: callName}, []string{"syscalls.notify"}, nil},
	{attribute{name: "promises", of: aPromise}, []string{"syscalls.promises"}, nil},
	{attribute{name: "errno", of: callName}, []string{"syscalls.errno"}, nil},
	{attribute{name: "rule", of: oneCall}, nil, []string{"syscalls.rule"}},
	{attribute{name: "verify", of: aPath}, nil, []string{"verify"}},
	{attribute{name: "descriptors", of: aDescriptor}, []string{"descriptors"}, nil},
	{attribute{name: "degrade", of: anyText}, []string{"degrade"}, nil},
}

var removeLanguage = newRemoveLanguage()

func newRemoveLanguage() *block {
	b := &block{
		name: "remove", own: true,
		doc: "Entries to take out of what was inherited: of lists by their value, of maps and labelled blocks by their name. " +
			"What the profile itself writes is added afterwards. An entry that nothing inherited is a warning.",
		example: `
profile "parent" {
  filesystem { read = ["${home}/.npmrc", "${project}"] }
}

profile "child" {
  inherits = ["parent"]
  remove { read = ["${home}/.npmrc"] }
}
`,
	}
	for _, r := range removals {
		r.shape, r.own, r.fallback = list, true, "[]"
		where := "`" + r.name + "` blocks"
		if len(r.lists) > 0 {
			where = "`" + r.lists[0] + "`"
		}
		r.doc = "out of " + where
		b.attributes = append(b.attributes, r.attribute)
	}
	return b
}
