package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/husk-sandbox/husk/enforce/audit"
	"github.com/husk-sandbox/husk/enforce/audit/reader"
	"github.com/husk-sandbox/husk/enforce/network/rules"
	"github.com/husk-sandbox/husk/enforce/plan"
)

type logFlags struct {
	last, follow, json bool
}

func (a *app) logCommand() *cobra.Command {
	var f logFlags
	cmd := &cobra.Command{
		Use:   "log [--last] [--follow] [--json]",
		Short: "show what sandboxes were denied, what they connected to, and calls that are logged",
		Long: `Shows the decisions about the filtered network and the system calls that programs were
ended at, the oldest first, each denial with the line that would allow it, and the system
calls that profiles log, each session's with one line that would allow them all. --last
shows the newest session's only, --follow goes on with
what comes. --json prints one JSON object on each line, as docs/network.md describes it.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error { return a.log(f) },
	}
	cmd.Flags().BoolVar(&f.last, "last", false, "only the newest session")
	cmd.Flags().BoolVar(&f.follow, "follow", false, "go on with what comes")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	return cmd
}

func (a *app) log(f logFlags) error {
	l, err := a.locations("", "")
	if err != nil {
		return err
	}
	dir := filepath.Join(l.state, "log")
	follower, err := reader.Follow(dir) // before the rest is read: nothing is missed
	if err != nil {
		return err
	}
	events, err := reader.Read(dir)
	if err != nil {
		return err
	}
	if f.last {
		events = lastSession(events)
	}
	for {
		if err := a.printEvents(events, f.json); err != nil || !f.follow {
			return err
		}
		time.Sleep(followEvery)
		if events, err = follower.Next(); err != nil {
			return err
		}
	}
}

// followEvery is how often --follow looks for more.
const followEvery = 200 * time.Millisecond

// lastSession gives the events of the session that wrote last.
func lastSession(events []audit.Event) []audit.Event {
	var last []audit.Event
	for _, e := range events {
		if e.Session == events[len(events)-1].Session {
			last = append(last, e)
		}
	}
	return last
}

func (a *app) printEvents(events []audit.Event, asJSON bool) error {
	out := a.printerOn(a.stdout)
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	if asJSON {
		for _, e := range events {
			if err := enc.Encode(withName(e)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, e := range foldCalls(withoutOpened(events)) {
		if err := out.event(e.Event); err != nil {
			return err
		}
		if err := out.allowCalls(e.allow); err != nil {
			return err
		}
	}
	return nil
}

// withoutOpened leaves the lines out that say that a destination was connected to
// where another one says what became of it.
func withoutOpened(events []audit.Event) []audit.Event {
	type destination struct {
		session, kind, protocol, to string
		port                        int
	}
	of := func(e audit.Event) destination {
		to := e.Name
		if to == "" && e.Kind != audit.Publish {
			to = e.Address
		}
		return destination{e.Session, e.Kind, e.Protocol, to, e.Port}
	}
	ended := map[destination]bool{}
	for _, e := range events {
		if e.State == "" {
			ended[of(e)] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(events), func(e audit.Event) bool { return e.State == audit.Opened && ended[of(e)] })
}

// event prints one decision, and what to write where it is a denial.
func (p *printer) event(e audit.Event) error {
	var b strings.Builder
	verdict := p.paint(green, e.Verdict)
	if e.Verdict == audit.Denied {
		verdict = p.paint(red, e.Verdict)
	}
	if e.Kind == audit.Syscall {
		e = withName(e)
	}
	fmt.Fprintf(&b, "%s  %s  %s  %s %s", eventTime(e), oneLine(e.Profile), verdict, oneLine(e.Kind), oneLine(eventTarget(e)))
	if e.Verdict == audit.Denied {
		b.WriteString(": " + oneLine(denialText(e)))
	}
	if e.Asked != "" {
		b.WriteString(", " + oneLine(quoted(e.Asked)))
	}
	if e.State != "" {
		b.WriteString(", " + oneLine(e.State))
	}
	if e.Count > 1 {
		fmt.Fprintf(&b, ", %d times", e.Count)
	}
	if e.Sent+e.Received > 0 {
		fmt.Fprintf(&b, ", %d bytes sent, %d received", e.Sent, e.Received)
	}
	if e.Error != "" {
		b.WriteString(", " + oneLine(e.Error))
	}
	if e.Rule != "" {
		b.WriteString("  " + p.paint(faint, oneLine(e.Rule)))
	}
	b.WriteByte('\n')
	if paste := pasteFor(e); paste != "" {
		fmt.Fprintf(&b, "    to allow it: %s\n", strings.ReplaceAll(clean(paste), "\n", "\n    "))
	}
	_, err := p.out.Write([]byte(b.String()))
	return err
}

func eventTime(e audit.Event) string {
	if t, err := time.Parse(time.RFC3339, e.Time); err == nil {
		return t.Local().Format("2006-01-02 15:04:05")
	}
	return e.Time
}

// eventTarget is what it was about: a name, "name (address) port 443".
func eventTarget(e audit.Event) string {
	target := e.Name
	switch {
	case e.Call != "":
		target = e.Call + " of " + e.Program + " at " + e.At
	case target == "":
		target = e.Address
	case e.Address != "":
		target += " (" + e.Address + ")"
	}
	if e.Port > 0 {
		target += fmt.Sprintf(" port %d", e.Port)
	}
	if e.Protocol == rules.UDP {
		target += " udp"
	}
	return target
}

// pasteForCall is the same for a call that ended a program. Where a line names
// the call itself, that line has to be changed.
func pasteForCall(e audit.Event) string {
	if e.Lift != "" {
		return "syscalls { " + e.Lift + " }"
	}
	if e.Rule != "" {
		return "change the line above, which is about this call; husk why " + e.Profile + " syscall " + e.Name + " says more"
	}
	return ""
}

// denials says what the reasons of packages rules, inspect and violation mean.
var denials = map[string]string{
	rules.NoRule:        "no rule names it",
	rules.NoPort:        "a rule names it, but not this port",
	rules.NoName:        "no host can be called that",
	rules.Private:       "the name leads to an address of this machine or its network, and no rule names that address",
	rules.Unknown:       "where it was to go cannot be told",
	rules.UnknownOrigin: "that address belongs to no name in this session",
	audit.Killed:        "the profile kills programs at it",
	audit.Trapped:       "the profile traps programs at it, and this one didn't catch that",
	"too-many-names":    "too many names were asked for in one session",
	"too-many-lines":    "the session made too many decisions to write them all down",
	"tls-other-name":    "TLS asked for another server than the rule names",
	"tls-no-name":       "TLS without a server name",
	"tls-hidden-name":   "TLS with an encrypted server name",
	"tls-malformed":     "a TLS greeting that cannot be read",
	"http-other-host":   "an HTTP request for another host than the rule names",
	"http-no-host":      "an HTTP request without a host",
	"http-malformed":    "an HTTP request that can be read in two ways, or HTTP/2 without TLS",
	"protocol-unknown":  "neither TLS nor HTTP, on a port that is for them",
	"beginning-too-big": "a greeting or request that is too long",
}

func denialText(e audit.Event) string {
	if text, ok := denials[e.Reason]; ok {
		return text
	}
	return e.Reason
}

// pasteFor gives the line that would allow what was denied, for the network
// block or, with its block, for system calls; "" where none should.
func pasteFor(e audit.Event) string {
	if e.Verdict != audit.Denied {
		return ""
	}
	if e.Kind == audit.Syscall {
		return pasteForCall(e)
	}
	host, port := e.Name, e.Port
	switch e.Reason {
	case rules.Private:
		if e.Lift != "" {
			return "the address as well: " + e.Lift
		}
		return `name the address as well, like connect "10.0.0.5" { ports = [443] }`
	case rules.NoRule, rules.NoPort:
		if e.Lift != "" { // the rule that there is, with the port as well
			return e.Lift
		}
		if host == "" {
			host = e.Address
		}
		if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() {
			host = rules.Localhost
		}
	case "tls-other-name", "http-other-host", "tls-no-name", "tls-hidden-name", "http-no-host", "http-malformed", "protocol-unknown", "beginning-too-big":
		return fmt.Sprintf(`check = "off" in connect "%s" for port %d, which no longer holds other names of the same server back`, hclText(host), port)
	default:
		return ""
	}
	if port == 0 {
		port = 443 // a name was asked for, maybe for this
	}
	return rules.Text(plan.Connect{Host: hclText(host), Ports: []int{port}, Protocol: e.Protocol})
}
