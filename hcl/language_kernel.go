package hcl

import "github.com/husk-sandbox/husk/enforce/plan"

var networkLanguage = &block{
	name: "network",
	doc:  "Which connections there are.",
	attributes: []attribute{
		{name: "mode", of: oneWordOf(plan.NetworkNone, plan.NetworkFiltered, plan.NetworkHost), fallback: `"none"`,
			doc: "none; filtered: only what connect and listen name; host: the host's network"},
		{name: "listen", shape: list, of: aPort, fallback: "[]", doc: "ports that may be bound"},
		{name: "publish", shape: list, of: aPort, fallback: "[]", doc: "ports that may be bound and are reachable on the host's loopback"},
		{name: "loopback", of: trueOrFalse, fallback: "false",
			doc: "true: the programs inside may reach each other by TCP, at any port of the sandbox's own loopback that they bind; nothing outside is reached, or reaches them, by that"},
	},
	blocks: []*block{connectLanguage},
	example: `
profile "networked" {
  network {
    mode     = "filtered"
    listen   = [3000]
    publish  = [8080]
    loopback = true
    connect "registry.npmjs.org" { ports = [443] }
  }
}
`,
}

var connectLanguage = &block{
	name: "connect", label: "host", labelOf: aHost,
	key: func(e *entry) string {
		protocol, _ := e.body.text("protocol", "tcp")
		return e.label.key + " " + protocol
	},
	doc: "A destination: a name, `*.suffix`, an address or a CIDR network. `localhost` is the host's loopback. Blocks are merged by host and protocol.",
	attributes: []attribute{
		{name: "ports", shape: list, of: aPort, required: true, doc: "ports; none means none"},
		{name: "protocol", of: oneWordOf("tcp", "udp"), fallback: `"tcp"`, doc: "tcp or udp"},
		{name: "check", of: oneWordOf("on", "off"), fallback: `"on"`, doc: "off lifts the check that TLS and HTTP name this host"},
	},
	example: `
profile "networked" {
  network {
    mode = "filtered"
    connect "*.example.com" { ports = [80, 443] }
    connect "10.0.0.0/8" {
      ports    = [53]
      protocol = "udp"
      check    = "off"
    }
  }
}
`,
}

var socketLanguage = &block{
	name: "socket", label: "path", labelOf: aPath,
	doc: "A unix socket with a pathname that may be used; all others may not.",
	attributes: []attribute{
		{name: "access", of: oneWordOf("connect", "bind"), fallback: `"connect"`, doc: "connect to it, or bind it"},
		{name: "scope", of: oneWordOf("file", "children", "subtree"), fallback: `"file"`, doc: "the path itself, what is in that directory, or everything below it"},
	},
	example: `
profile "agent" {
  socket "${env("SSH_AUTH_SOCK")}" {
    access = "connect"
    scope  = "file"
  }
}
`,
}

var syscallsLanguage = &block{
	name: "syscalls",
	doc:  "The system call policy. Names are those of calls, or of groups with `@`.",
	attributes: []attribute{
		{name: "default", of: anAction, fallback: `"allow"`, doc: "what calls get that nothing names: allow, errno:NAME, trap, kill, log or notify"},
		{name: "foreign_abi", of: anAction, fallback: `"kill"`, doc: "what calls of another ABI get (32-bit and x32 calls)"},
		{name: "allow", shape: list, of: callName, fallback: "[]", doc: "allowed"},
		{name: "deny", shape: list, of: callName, fallback: "[]", doc: "fail with EPERM"},
		{name: "trap", shape: list, of: callName, fallback: "[]", doc: "end in the signal SIGSYS"},
		{name: "kill", shape: list, of: callName, fallback: "[]", doc: "end the program"},
		{name: "log", shape: list, of: callName, fallback: "[]", doc: "allowed, and written to husk's log"},
		{name: "notify", shape: list, of: callName, fallback: "[]", doc: "decided at run time; not enforced yet, a profile that names any is refused"},
		{name: "promises", shape: list, of: aPromise, fallback: "[]", doc: "allowed: what pledge(2) calls so; `\"stdio\"` is `\"@pledge-stdio\"` in allow"},
		{name: "errno", shape: grouped, of: callName, fallback: "{}", doc: "fail with the error that is the key"},
	},
	blocks: []*block{ruleLanguage},
	example: `
profile "calls" {
  syscalls {
    default     = "allow"
    foreign_abi = "kill"
    allow       = ["sync"]
    deny        = ["@mount", "@keyring", "ptrace"]
    trap        = ["mincore"]
    kill        = ["kexec_load"]
    log         = ["personality"]
    notify      = []
    promises    = ["stdio", "rpath"]
    errno       = { ENOSYS = ["clone3"] }
  }
}
`,
}

var ruleLanguage = &block{
	name: "rule", label: "call", labelOf: oneCall,
	key: func(e *entry) string {
		when, _ := e.body.text("when", "")
		action, _ := e.body.text("action", "")
		return e.label.key + "\x00" + when + "\x00" + action
	},
	doc: "One call under a condition over its arguments, arg0 to arg5. Rules add up, in the order in which they are written.",
	attributes: []attribute{
		{name: "when", of: aCondition, fallback: "always", doc: "the condition"},
		{name: "action", of: anAction, required: true, doc: "what the call gets when the condition holds"},
	},
	example: `
profile "calls" {
  syscalls {
    rule "socket" {
      when   = "arg0 == AF_UNIX || arg0 == AF_INET || arg0 == AF_INET6"
      action = "allow"
    }
  }
}
`,
}

var superviseLanguage = &block{
	name: "supervise",
	doc:  "Decisions at run time, for what the profile does not grant. Not enforced yet: a profile with this block is refused.",
	attributes: []attribute{
		{name: "on_denied", of: oneWordOf("deny", "ask", "log"), fallback: `"deny"`, doc: "deny it, ask the approver, or log it"},
		{name: "approver", of: anApprover, fallback: `"deny"`, doc: "deny, tty, or exec:PATH with an absolute path"},
		{name: "rate", of: aRate, fallback: `"10/s"`, doc: "decisions per second"},
		{name: "burst", of: aCount, fallback: "20", doc: "decisions at once"},
		{name: "audit", of: oneWordOf("none", "denials", "all"), fallback: `"denials"`, doc: "what is written to the audit log"},
	},
	example: `
profile "asking" {
  supervise {
    on_denied = "ask"
    approver  = "tty"
    rate      = "10/s"
    burst     = 20
    audit     = "all"
  }
}
`,
}
