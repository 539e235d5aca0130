package hcl

import (
	"fmt"
	"slices"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// validator looks at a whole profile, with all that it inherits, for what is
// wrong although each value is right.
type validator struct {
	profile  *profile
	settings *settings
	options  Options
	diags    hashi.Diagnostics
}

func validate(p *profile, s *settings, o Options) hashi.Diagnostics {
	v := &validator{profile: p, settings: s, options: o}
	v.writes()
	v.creates()
	v.roots()
	v.grounds()
	v.contradictions()
	v.overlaps()
	v.idleRules()
	v.temporary()
	v.environment()
	v.network()
	v.sockets()
	v.dbus()
	v.supervision()
	v.logging()
	return v.diags
}

// validateParts is validate for settings with gaps: it looks only at what is
// wrong by itself.
func validateParts(p *profile, s *settings, o Options) hashi.Diagnostics {
	v := &validator{profile: p, settings: s, options: o}
	v.writes()
	v.creates()
	v.roots()
	v.grounds()
	v.sockets()
	v.dbus()
	return v.diags
}

func (v *validator) report(at hashi.Range, summary, detail string) {
	v.diags = append(v.diags, problem(at, summary, detail))
}

func (v *validator) warn(at hashi.Range, summary, detail string) {
	v.diags = append(v.diags, caution(at, summary, detail))
}

// own reports whether a rule is written in the profile itself: its parents'
// rules are for their authors to be told about.
func (v *validator) own(r rule) bool { return r.value != nil && r.chain.owner() == v.profile }

func (v *validator) temporary() {
	mode, at := v.settings.text("tmp.mode", plan.TmpSession)
	if mode != plan.TmpHost {
		return
	}
	if strict, r := v.settings.flag("tmp.strict"); strict {
		v.report(r.at, "strict contradicts mode", "the host's /tmp cannot be both there and unreadable; write mode = \"session\" or strict = false")
	}
	if _, ok := v.settings.single("tmp.slash_tmp"); ok && v.own(at) {
		v.warn(at.at, "slash_tmp has no effect", "with mode = \"host\" /tmp is the host's; leave slash_tmp out")
	}
}

func (v *validator) environment() {
	s := v.settings
	set := make(map[string]rule)
	for _, r := range s.lists["environment.set"] {
		set[r.key] = r
		if r.key == "TMPDIR" && v.own(r) {
			if mode, _ := s.text("tmp.mode", plan.TmpSession); mode == plan.TmpSession {
				v.warn(r.at, "TMPDIR is set by husk", "it names the session directory; write tmp { mode = \"host\" } to set it otherwise")
			}
		}
	}
	for _, r := range s.lists["environment.unset"] {
		if other, both := set[r.key]; both && (v.own(r) || v.own(other)) {
			v.report(r.at, fmt.Sprintf("%s is both set and unset", r.key), "the other place is "+place(other.at)+"; leave one out, or take it out of a parent with remove { … }")
		}
	}
	for _, r := range s.lists["environment.pass"] {
		if r.key == "*" && v.own(r) {
			v.warn(r.at, "the whole environment is passed", "tokens and passwords in it as well; name what the program needs")
		}
	}
	for _, e := range s.blocks["environment.secret"] {
		v.secret(e, set)
	}
}

func (v *validator) secret(e *entry, set map[string]rule) {
	_, file := e.body.single("file")
	command, hasCommand := e.body.single("command")
	switch {
	case file == hasCommand:
		v.report(e.label.at, fmt.Sprintf("secret %q needs one source", e.key), "write either file = \"…\" or command = [\"…\"]")
	case hasCommand && len(command.texts) == 0:
		v.report(command.at, "empty command", "write the program and its arguments, like command = [\"pass\", \"show\", \"npm\"]")
	}
	if other, both := set[e.key]; both {
		v.report(e.label.at, fmt.Sprintf("%s is both set and a secret", e.key), "the other place is "+place(other.at)+"; leave one out")
	}
}

func (v *validator) network() {
	s := v.settings
	mode, at := s.text("network.mode", plan.NetworkNone)
	for _, e := range s.blocks["network.connect"] {
		v.connect(e, mode)
	}
	v.ports(mode)
	for _, name := range []string{"network.listen", "network.publish"} {
		for _, r := range s.lists[name] {
			if mode == plan.NetworkNone && v.own(r) {
				v.report(r.at, "a port without a network", "the mode is \"none\"; write mode = \"filtered\" in the network block")
			}
		}
	}
	for _, r := range s.lists["namespaces.share"] {
		if r.text == plan.NamespaceNet && mode != plan.NetworkHost {
			where := r.at
			if at.value != nil && v.own(at) {
				where = at.at
			}
			v.report(where, "the host's network is shared and closed", fmt.Sprintf("network mode %q needs a network namespace of its own; write mode = \"host\", or take \"net\" out of share", mode))
		}
	}
}

func (v *validator) connect(e *entry, mode string) {
	if !v.own(e.label) {
		return
	}
	switch mode {
	case plan.NetworkNone:
		v.report(e.label.at, "connect without a network", "the mode is \"none\"; write mode = \"filtered\" in the network block")
	case plan.NetworkHost:
		v.warn(e.label.at, "connect has no effect", "the mode is \"host\", which permits every connection; write mode = \"filtered\"")
	}
	if len(e.body.lists["ports"]) == 0 {
		v.warn(e.label.at, "connect without ports", "none are permitted; write ports = [443]")
	}
}

func (v *validator) supervision() {
	approver, at := v.settings.text("supervise.approver", "deny")
	if denied, r := v.settings.text("supervise.on_denied", "deny"); denied == "ask" && approver == "deny" {
		if at.value == nil {
			at = r
		}
		v.warn(at.at, "nobody is asked", "on_denied = \"ask\" with the approver \"deny\" always denies; write approver = \"tty\"")
	}
	notify := v.settings.lists["syscalls.notify"]
	if _, supervised := v.settings.given["supervise"]; len(notify) > 0 && !supervised && slices.ContainsFunc(notify, v.own) {
		v.warn(notify[0].at, "nobody decides", "calls in notify are decided as a supervise block says; write one")
	}
}

// logging refuses a profile whose calls are logged by a process that may not be
// there.
func (v *validator) logging() {
	if !v.logs() {
		return
	}
	if cleanup, r := v.settings.text("tmp.cleanup", plan.CleanupParent); cleanup != plan.CleanupParent {
		v.report(r.at, "nobody would log system calls", "the process that waits for the program does, and with cleanup = \"system\" there may be none; "+
			"write cleanup = \"parent\", or take log out of the syscalls block")
	}
}

// logs says whether any line of the syscalls block logs calls.
func (v *validator) logs() bool {
	const log = "log"
	if def, _ := v.settings.text("syscalls.default", "allow"); def == log || len(v.settings.lists["syscalls.log"]) > 0 {
		return true
	}
	return slices.ContainsFunc(v.settings.blocks["syscalls.rule"], func(e *entry) bool {
		action, _ := e.body.text("action", "")
		return action == log
	})
}
