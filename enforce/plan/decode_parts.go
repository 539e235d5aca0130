package plan

// One decode method per part of the plan: a switch over its fields, no more.

func (p *Program) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			p.Path = d.str()
		case "args":
			d.strs(&p.Args)
		case "grants":
			d.strs(&p.Grants)
		case "closure":
			d.strs(&p.Closure)
		case "digest":
			p.Digest = d.str()
		default:
			d.unknown(key)
		}
	})
}

func (n *Namespaces) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "share":
			d.strs(&n.Share)
		case "origin":
			n.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *Syscalls) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "default":
			s.Default = d.str()
		case "foreign_abi":
			s.ForeignABI = d.str()
		case "no_core":
			s.NoCore = d.boolean()
		case "lists":
			list(d, &s.Lists, func(v *SyscallList) { v.decode(d) })
		case "rules":
			list(d, &s.Rules, func(v *SyscallRule) { v.decode(d) })
		case "arch":
			s.Arch = d.str()
		case "program":
			s.Program = d.base64()
		case "log_program":
			s.LogProgram = d.base64()
		case "origin":
			s.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *SyscallList) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "action":
			s.Action = d.str()
		case "names":
			d.strs(&s.Names)
		case "origin":
			s.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *SyscallRule) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "call":
			s.Call = d.str()
		case "when":
			s.When = d.str()
		case "action":
			s.Action = d.str()
		case "origin":
			s.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (l *Limit) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "name":
			l.Name = d.str()
		case "value":
			l.Value = d.unsigned()
		case "origin":
			l.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (c *Cgroup) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "mode":
			c.Mode = d.str()
		case "origin":
			c.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (i *Identity) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "user":
			i.User = d.str()
		case "title":
			i.Title = d.boolean()
		case "undumpable":
			i.Undumpable = d.boolean()
		case "origin":
			i.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (t *Terminal) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "new_session":
			t.NewSession = d.boolean()
		case "origin":
			t.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (l *LateDrop) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "chroot":
			l.Chroot = d.boolean()
		case "origin":
			l.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *Supervise) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "on_denied":
			s.OnDenied = d.str()
		case "approver":
			s.Approver = d.str()
		case "rate":
			s.Rate = d.str()
		case "burst":
			s.Burst = d.num()
		case "audit":
			s.Audit = d.str()
		case "origin":
			s.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (v *Verify) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			v.Path.decode(d)
		case "sha256":
			v.SHA256 = d.str()
		case "origin":
			v.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (p *Path) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "anchor":
			p.Anchor = d.str()
		case "name":
			p.Name = d.str()
		case "default":
			p.Default = d.str()
		case "path":
			p.Path = d.str()
		default:
			d.unknown(key)
		}
	})
}
