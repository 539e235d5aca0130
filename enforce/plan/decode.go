package plan

import (
	"bytes"
	"errors"
	"strconv"
)

// MaxSize bounds a plan, in bytes; [Decode] refuses more.
const MaxSize = 16 << 20

// Decode reads a wrapper file or a bare plan: leading lines that start with #
// are the first line and the words for people, the rest is one JSON object.
// Unknown fields, a field given twice, another version and anything after the
// object are errors that name the line.
func Decode(file []byte) (*Plan, error) {
	if len(file) > MaxSize {
		return nil, errors.New("plan is larger than " + strconv.Itoa(MaxSize) + " bytes")
	}
	body := SkipHeader(file)
	p := new(Plan)
	d := &decoder{text: file, at: len(file) - len(body)}
	p.decode(d)
	if d.space(); d.at < len(d.text) { // not peek: a NUL byte is text, too
		d.fail("text after the plan")
	}
	if d.err != nil {
		return nil, d.err
	}
	return p, p.check()
}

// SkipHeader gives what follows the leading lines that start with #.
func SkipHeader(file []byte) []byte {
	for len(file) > 0 && file[0] == '#' {
		end := bytes.IndexByte(file, '\n')
		if end < 0 {
			return nil
		}
		file = file[end+1:]
	}
	return file
}

// check refuses what no renderer writes and no reader could interpret.
func (p *Plan) check() error {
	switch {
	case p.Version != Version:
		return errors.New("plan version " + strconv.Itoa(p.Version) + " is not " + strconv.Itoa(Version) +
			", the one that this enforcer knows; render the wrapper again with husk apply")
	case p.Profile == "":
		return errors.New("plan names no profile")
	case p.Profile == "." || p.Profile == ".." || bytes.IndexByte([]byte(p.Profile), '/') >= 0:
		// It becomes part of paths: the session directory, the persistent home.
		return errors.New("plan's profile is no file name: " + strconv.Quote(p.Profile))
	case p.Command == "":
		return errors.New("plan names no command")
	case len(p.Program.Path) == 0 || p.Program.Path[0] != '/':
		return errors.New("plan's program is not an absolute path: " + strconv.Quote(p.Program.Path))
	}
	return nil
}

func (p *Plan) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "version":
			p.Version = d.num()
		case "profile":
			p.Profile = d.str()
		case "command":
			p.Command = d.str()
		case "program":
			p.Program.decode(d)
		case "filesystem":
			p.Filesystem.decode(d)
		case "home":
			p.Home.decode(d)
		case "tmp":
			p.Tmp.decode(d)
		case "environment":
			p.Environment.decode(d)
		case "network":
			p.Network.decode(d)
		case "sockets":
			list(d, &p.Sockets, func(s *Socket) { s.decode(d) })
		case "dbus":
			list(d, &p.DBus, func(b *Bus) { b.decode(d) })
		case "dbus_proxy":
			p.DBusProxy = new(DBusProxy)
			p.DBusProxy.decode(d)
		case "namespaces":
			p.Namespaces.decode(d)
		case "syscalls":
			p.Syscalls.decode(d)
		case "limits":
			list(d, &p.Limits, func(l *Limit) { l.decode(d) })
		case "cgroup":
			p.Cgroup.decode(d)
		case "identity":
			p.Identity.decode(d)
		case "terminal":
			p.Terminal.decode(d)
		case "late_drop":
			p.LateDrop = new(LateDrop)
			p.LateDrop.decode(d)
		case "supervise":
			p.Supervise = new(Supervise)
			p.Supervise.decode(d)
		case "verify":
			list(d, &p.Verify, func(v *Verify) { v.decode(d) })
		case "supervisor":
			p.Supervisor = d.str()
		case "descriptors":
			d.ints(&p.Descriptors)
		case "degrade":
			d.strs(&p.Degrade)
		case "provenance":
			p.decodeProvenance(d)
		default:
			d.unknown(key)
		}
	})
}
