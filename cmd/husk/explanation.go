package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/hcl"
)

// explanationVersion is the version of the JSON that `husk explain --json` prints.
const explanationVersion = 1

// explanation is a plan as a list of rules, in the order of docs/language.md. It
// is what explain prints, as text or as JSON.
type explanation struct {
	Version int    `json:"version"`
	Profile string `json:"profile"`
	Source  string `json:"source"`
	Command string `json:"command,omitempty"`
	Program string `json:"program,omitempty"`
	Rules   []rule `json:"rules"`
}

// rule is one line.
type rule struct {
	Part  string `json:"part"`  // filesystem, network, …
	Rule  string `json:"rule"`  // read, write, connect, …
	Value string `json:"value"` // as a profile would write it
	// Origin is nil for husk's own rules and defaults.
	Origin *origin `json:"origin,omitempty"`
}

// origin is the line that a rule comes from.
type origin struct {
	Profile string   `json:"profile"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Through []string `json:"through,omitempty"` // the profiles that led to it, outermost first
}

func (o origin) String() string {
	s := o.File + ":" + strconv.Itoa(o.Line)
	if len(o.Through) > 0 {
		s += " (" + strings.Join(o.Through, " > ") + ")"
	}
	return s
}

func originOf(p *plan.Plan, index int) *origin {
	if index < 0 || index >= len(p.Origins) {
		return nil
	}
	o := p.Origins[index]
	return &origin{Profile: o.Profile, File: o.File, Line: o.Line, Through: o.Through}
}

// originText is the line, "" for husk's own rules.
func originText(p *plan.Plan, index int) string {
	if o := originOf(p, index); o != nil {
		return o.String()
	}
	return ""
}

func (e explanation) title() string {
	switch {
	case e.Command == "":
		return e.Profile
	case e.Program == "":
		return e.Command
	}
	return e.Command + " -> " + e.Program
}

// explainer collects rules.
type explainer struct {
	plan *plan.Plan
	part string
	out  []rule
}

func (x *explainer) add(name, value string, origin int) {
	x.out = append(x.out, rule{Part: x.part, Rule: name, Value: value, Origin: originOf(x.plan, origin)})
}

// single adds a single value, with the origin of the attribute of that name.
func (x *explainer) single(name, value, attribute string) {
	x.add(name, value, x.plan.OriginOf(attribute, ""))
}

// words adds one rule for each word of a list that is called attribute.
func (x *explainer) words(name string, words []string, attribute string) {
	for _, w := range words {
		x.add(name, w, x.plan.OriginOf(attribute, w))
	}
}

// explanationOf lists a plan's rules.
func explanationOf(p *plan.Plan) explanation {
	x := &explainer{plan: p}
	for _, part := range []struct {
		name string
		add  func()
	}{
		{"program", x.program}, {"filesystem", x.filesystem}, {"home", x.home}, {"tmp", x.tmp},
		{"environment", x.environment}, {"network", x.network}, {"namespaces", x.namespaces},
		{"syscalls", x.syscalls}, {"limits", x.limits}, {"process", x.process}, {"supervise", x.supervise},
	} {
		x.part = part.name
		part.add()
	}
	return explanation{
		Version: explanationVersion, Profile: p.Profile, Source: p.Source,
		Command: p.Command, Program: p.Program.Path, Rules: x.out,
	}
}

func (x *explainer) program() {
	p := x.plan.Program
	if p.Path != "" {
		x.single("exec", p.Path, "command")
	}
	if len(p.Args) > 0 {
		x.single("args", list(p.Args), "command")
	}
	if p.Digest != "" {
		x.single("sha256", p.Digest, "command")
	}
	for _, g := range p.Grants {
		x.add("readable", g, plan.NoOrigin)
	}
	if n := len(p.Closure); n > 0 {
		x.add("closure", "of the store "+count(n, "path")+" only", plan.NoOrigin)
	}
}

func (x *explainer) paths(name string, rules []plan.PathRule) {
	for _, r := range rules {
		value := r.Path.String()
		if r.Required {
			value = "required(" + value + ")"
		}
		if r.Create {
			value = "create(" + value + ")"
		}
		x.add(name, value, r.Origin)
	}
}

func (x *explainer) filesystem() {
	f := x.plan.Filesystem
	x.single("view", f.View, "filesystem.view")
	x.paths("read", f.Read)
	x.paths("write", f.Write)
	if f.ExecuteOnly && len(f.Execute) == 0 {
		x.single("execute", "system directories only", "filesystem.execute")
	}
	x.paths("execute", f.Execute)
	x.paths("hide", f.Hide)
	x.paths("protect", f.Protect)
	x.paths("join", f.Join)
	for _, b := range f.Bind {
		x.add("bind", fmt.Sprintf("%s at %s (%s)", b.From, b.To, b.Mode), b.Origin)
	}
	for _, t := range f.Tmpfs {
		x.add("tmpfs", t.Path.String()+sized(t.Size), t.Origin)
	}
	x.words("marker", f.Markers, "filesystem.markers")
	x.paths("reserved", f.Reserved)
}

func (x *explainer) home() { x.add("mode", x.plan.Home.Mode, x.plan.Home.Origin) }

func (x *explainer) tmp() {
	t := x.plan.Tmp
	x.single("mode", t.Mode, "tmp.mode")
	x.single("slash_tmp", t.SlashTmp, "tmp.slash_tmp")
	if t.Size > 0 {
		x.single("size", hcl.SizeText(t.Size), "tmp.size")
	}
	x.single("strict", strconv.FormatBool(t.Strict), "tmp.strict")
	x.single("cleanup", t.Cleanup, "tmp.cleanup")
}

func (x *explainer) environment() {
	e := x.plan.Environment
	for _, p := range e.Pass {
		x.add("pass", p.Pattern, p.Origin)
	}
	for _, s := range e.Set {
		value := strconv.Quote(s.Text)
		if s.Path != nil {
			value = s.Path.String()
		}
		x.add("set", s.Name+" = "+value, s.Origin)
	}
	for _, u := range e.Unset {
		x.add("unset", u.Pattern, u.Origin)
	}
	for _, s := range e.Secrets {
		from := list(s.Command)
		if s.File != nil {
			from = s.File.String()
		}
		x.add("secret", s.Name+" from "+from, s.Origin)
	}
}

func (x *explainer) network() {
	n := x.plan.Network
	x.add("mode", n.Mode, n.Origin)
	for _, c := range n.Connect {
		x.add("connect", connectText(c), c.Origin)
	}
	for _, l := range n.Listen {
		value := strconv.Itoa(l.Port)
		if l.Publish {
			value += " (published)"
		}
		x.add("listen", value, l.Origin)
	}
	if n.Mode != plan.NetworkHost {
		x.single("loopback", strconv.FormatBool(n.Loopback), "network.loopback")
	}
	for _, s := range x.plan.Sockets {
		x.add("socket", fmt.Sprintf("%s (%s, %s)", s.Path, s.Access, s.Scope), s.Origin)
	}
	for _, b := range x.plan.DBus {
		x.add("dbus", busText(x.plan, b), b.Origin)
		for _, r := range b.Rules {
			x.add("dbus", b.Bus+" "+r.Kind+" "+r.Text, r.Origin)
		}
	}
}

func connectText(c plan.Connect) string {
	ports := make([]string, len(c.Ports))
	for i, p := range c.Ports {
		ports[i] = strconv.Itoa(p)
	}
	text := c.Host + " ports " + cmp.Or(strings.Join(ports, ", "), "none")
	if c.Protocol == "udp" {
		text += " (udp)"
	}
	if c.Check == "off" {
		text += " (unchecked)"
	}
	return text
}

func (x *explainer) namespaces() {
	share := x.plan.Namespaces.Share
	var fresh []string
	for _, n := range plan.AllNamespaces {
		if !slices.Contains(share, n) && (n != plan.NamespaceNet || x.plan.Network.Mode != plan.NetworkHost) {
			fresh = append(fresh, n)
		}
	}
	x.add("new", strings.Join(fresh, " "), plan.NoOrigin)
	x.words("share", share, "namespaces.share")
	x.words("degrade", x.plan.Degrade, "degrade")
}

func (x *explainer) syscalls() {
	s := x.plan.Syscalls
	x.single("default", s.Default, "syscalls.default")
	x.single("foreign_abi", s.ForeignABI, "syscalls.foreign_abi")
	for _, r := range s.Rules {
		value := r.Call
		if r.When != "" {
			value += " when " + r.When
		}
		x.add(r.Action, value, r.Origin)
	}
	for _, l := range s.Lists {
		x.add(l.Action, strings.Join(l.Names, " "), l.Origin)
	}
	if len(s.Rules)+len(s.Lists) > 0 {
		x.add("order", callOrder, plan.NoOrigin)
	}
}

// callOrder is which line decides about a call (docs/syscalls.md).
const callOrder = "the first rule that holds; the strictest list with the name; of groups and the baseline the stricter; default"

func (x *explainer) limits() {
	for _, l := range x.plan.Limits {
		x.add(l.Name, hcl.LimitText(l), l.Origin)
	}
	if x.plan.Cgroup.Mode != "" {
		x.add("cgroup", x.plan.Cgroup.Mode, x.plan.Cgroup.Origin)
	}
}

func (x *explainer) process() {
	p := x.plan
	x.add("user", p.Identity.User, p.Identity.Origin)
	if p.Identity.Title {
		x.add("title", strconv.FormatBool(true), p.Identity.Origin)
	}
	if p.Identity.Undumpable {
		x.add("dumpable", strconv.FormatBool(false), p.Identity.Origin)
	}
	x.add("new_session", strconv.FormatBool(p.Terminal.NewSession), p.Terminal.Origin)
	var numbers []string
	for _, n := range p.Descriptors {
		numbers = append(numbers, strconv.Itoa(n))
	}
	x.words("descriptor", numbers, "descriptors")
	if p.LateDrop != nil {
		x.add("late_drop", "chroot = "+strconv.FormatBool(p.LateDrop.Chroot), p.LateDrop.Origin)
	}
	for _, v := range p.Verify {
		x.add("verify", v.Path.String()+" sha256 "+v.SHA256, v.Origin)
	}
}

func (x *explainer) supervise() {
	s := x.plan.Supervise
	if s == nil {
		return
	}
	x.single("on_denied", s.OnDenied, "supervise.on_denied")
	x.single("approver", s.Approver, "supervise.approver")
	x.single("rate", s.Rate, "supervise.rate")
	x.single("burst", strconv.Itoa(s.Burst), "supervise.burst")
	x.single("audit", s.Audit, "supervise.audit")
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func sized(bytes uint64) string {
	if bytes == 0 {
		return ""
	}
	return " (" + hcl.SizeText(bytes) + ")"
}
