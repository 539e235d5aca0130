// Package audit is the record of what sandboxes were allowed and denied: one
// line of JSON for each decision, in a file of bounded size that only its owner
// can read.
package audit

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// Version is the version of a line's shape.
const Version = 1

// Verdicts.
const (
	Allowed = "allowed"
	Denied  = "denied"
	Logged  = "logged" // allowed, and only written because the profile says so
)

// Kinds of decisions.
const (
	Resolve = "resolve" // a question for a name
	Connect = "connect" // a TCP connection
	Send    = "send"    // datagrams from one port to another
	Publish = "publish" // a connection from the host's loopback
	Syscall = "syscall" // a system call
)

// Opened is the state of a connection that has just been permitted.
const Opened = "opened"

// Reasons of denials of system calls, which ended the program.
const (
	Killed  = "killed"
	Trapped = "trapped"
)

// Event is one decision. Empty fields are left out of its line.
type Event struct {
	Version int    `json:"version"`
	Time    string `json:"time"`    // RFC 3339, in UTC
	Session string `json:"session"` // the same for all lines of one start
	Profile string `json:"profile"`
	Command string `json:"command"`
	Pid     int    `json:"pid"` // of the wrapper

	Kind     string `json:"kind"`
	Verdict  string `json:"verdict"`
	Reason   string `json:"reason,omitempty"` // of a denial
	Name     string `json:"name,omitempty"`
	Address  string `json:"address,omitempty"` // that was dialled, or asked for where there was no name
	Port     int    `json:"port,omitempty"`
	Protocol string `json:"protocol,omitempty"`
	// Asked is the other name that TLS or HTTP asked for, up to 255 bytes.
	Asked string `json:"asked,omitempty"`
	// State is [Opened] in a line that is written before a destination is first
	// connected to in a session; the connection's own line follows at its end.
	State string `json:"state,omitempty"`
	// Rule is the line that decided: "file:line".
	Rule string `json:"rule,omitempty"`
	// Sent and Received are bytes from and to the program; Duration is in
	// milliseconds.
	Sent     int64 `json:"sent,omitempty"`
	Received int64 `json:"received,omitempty"`
	Duration int64 `json:"duration,omitempty"`
	// Arch (a GOARCH) and Number are a system call's. Count is how often it was
	// made: 1 when it comes first, and more at the end of the session.
	Arch   string `json:"arch,omitempty"`
	Number *int   `json:"number,omitempty"`
	Count  int64  `json:"count,omitempty"`
	// Program is the one that made a call that ended it, Call the call with its
	// arguments, At where it was made, Lift the HCL that permits it, where a line
	// does. For a name that leads to a private address Lift permits that, for a port
	// that its host's rule lacks it is that rule with the port.
	Program string `json:"program,omitempty"`
	Call    string `json:"call,omitempty"`
	At      string `json:"at,omitempty"`
	Lift    string `json:"lift,omitempty"`
	// Error is what became of a connection that was allowed and did not work.
	Error string `json:"error,omitempty"`
	// Suppressed counts decisions that were not written before this one.
	Suppressed int `json:"suppressed,omitempty"`
}

// stamp fills in when.
func (e *Event) stamp(now time.Time) {
	e.Version, e.Time = Version, now.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// line gives the event as a line. It is written by hand: the enforcer may
// write events as well, and links no encoding/json.
func (e *Event) line() []byte {
	b := append(make([]byte, 0, 512), `{"version":`...)
	b = strconv.AppendInt(b, int64(e.Version), 10)
	text := func(name, value string, always bool) {
		if value != "" || always {
			b = append(b, `,"`+name+`":`...)
			b = appendString(b, value)
		}
	}
	number := func(name string, value int64) {
		if value != 0 {
			b = append(b, `,"`+name+`":`...)
			b = strconv.AppendInt(b, value, 10)
		}
	}
	text("time", e.Time, true)
	text("session", e.Session, true)
	text("profile", e.Profile, true)
	text("command", e.Command, true)
	number("pid", int64(e.Pid))
	text("kind", e.Kind, true)
	text("verdict", e.Verdict, true)
	text("reason", e.Reason, false)
	text("name", e.Name, false)
	text("address", e.Address, false)
	number("port", int64(e.Port))
	text("protocol", e.Protocol, false)
	text("asked", e.Asked, false)
	text("state", e.State, false)
	text("rule", e.Rule, false)
	number("sent", e.Sent)
	number("received", e.Received)
	number("duration", e.Duration)
	text("arch", e.Arch, false)
	if e.Number != nil {
		b = append(b, `,"number":`...)
		b = strconv.AppendInt(b, int64(*e.Number), 10)
	}
	number("count", e.Count)
	text("program", e.Program, false)
	text("call", e.Call, false)
	text("at", e.At, false)
	text("lift", e.Lift, false)
	text("error", e.Error, false)
	number("suppressed", int64(e.Suppressed))
	return append(b, "}\n"...)
}

// maxText bounds a text in a line, in bytes: names come from the sandbox.
const maxText = 512

// appendString adds a JSON string (RFC 8259, 7).
func appendString(b []byte, s string) []byte {
	if len(s) > maxText {
		s = s[:maxText]
	}
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < 0x20 || r == 0x7f || r == utf8.RuneError || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
