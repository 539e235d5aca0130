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

func (f *Filesystem) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "view":
			f.View = d.str()
		case "read":
			list(d, &f.Read, func(v *PathRule) { v.decode(d) })
		case "write":
			list(d, &f.Write, func(v *PathRule) { v.decode(d) })
		case "execute":
			list(d, &f.Execute, func(v *PathRule) { v.decode(d) })
		case "execute_only":
			f.ExecuteOnly = d.boolean()
		case "hide":
			list(d, &f.Hide, func(v *PathRule) { v.decode(d) })
		case "protect":
			list(d, &f.Protect, func(v *PathRule) { v.decode(d) })
		case "join":
			list(d, &f.Join, func(v *PathRule) { v.decode(d) })
		case "bind":
			list(d, &f.Bind, func(v *Bind) { v.decode(d) })
		case "tmpfs":
			list(d, &f.Tmpfs, func(v *Tmpfs) { v.decode(d) })
		case "reserved":
			list(d, &f.Reserved, func(v *PathRule) { v.decode(d) })
		case "markers":
			d.strs(&f.Markers)
		default:
			d.unknown(key)
		}
	})
}

func (p *PathRule) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			p.Path.decode(d)
		case "required":
			p.Required = d.boolean()
		case "create":
			p.Create = d.boolean()
		case "origin":
			p.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (b *Bind) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "from":
			b.From.decode(d)
		case "to":
			b.To.decode(d)
		case "mode":
			b.Mode = d.str()
		case "required":
			b.Required = d.boolean()
		case "origin":
			b.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (t *Tmpfs) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			t.Path.decode(d)
		case "size":
			t.Size = d.unsigned()
		case "origin":
			t.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (h *Home) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "mode":
			h.Mode = d.str()
		case "origin":
			h.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (t *Tmp) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "mode":
			t.Mode = d.str()
		case "slash_tmp":
			t.SlashTmp = d.str()
		case "strict":
			t.Strict = d.boolean()
		case "cleanup":
			t.Cleanup = d.str()
		case "size":
			t.Size = d.unsigned()
		case "origin":
			t.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (e *Environment) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "pass":
			list(d, &e.Pass, func(v *EnvPass) { v.decode(d) })
		case "set":
			list(d, &e.Set, func(v *EnvSet) { v.decode(d) })
		case "unset":
			list(d, &e.Unset, func(v *EnvPass) { v.decode(d) })
		case "secrets":
			list(d, &e.Secrets, func(v *Secret) { v.decode(d) })
		case "without_path":
			d.strs(&e.WithoutPath)
		default:
			d.unknown(key)
		}
	})
}

func (e *EnvPass) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "pattern":
			e.Pattern = d.str()
		case "origin":
			e.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (e *EnvSet) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "name":
			e.Name = d.str()
		case "text":
			e.Text = d.str()
		case "path":
			e.Path = new(Path)
			e.Path.decode(d)
		case "origin":
			e.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *Secret) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "name":
			s.Name = d.str()
		case "file":
			s.File = new(Path)
			s.File.decode(d)
		case "command":
			d.strs(&s.Command)
		case "origin":
			s.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (n *Network) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "mode":
			n.Mode = d.str()
		case "connect":
			list(d, &n.Connect, func(v *Connect) { v.decode(d) })
		case "listen":
			list(d, &n.Listen, func(v *Listen) { v.decode(d) })
		case "origin":
			n.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (c *Connect) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "host":
			c.Host = d.str()
		case "ports":
			d.ints(&c.Ports)
		case "protocol":
			c.Protocol = d.str()
		case "check":
			c.Check = d.str()
		case "origin":
			c.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (l *Listen) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "port":
			l.Port = d.num()
		case "publish":
			l.Publish = d.boolean()
		case "origin":
			l.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (s *Socket) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			s.Path.decode(d)
		case "access":
			s.Access = d.str()
		case "scope":
			s.Scope = d.str()
		case "origin":
			s.Origin = d.num()
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
		case "lists":
			list(d, &s.Lists, func(v *SyscallList) { v.decode(d) })
		case "rules":
			list(d, &s.Rules, func(v *SyscallRule) { v.decode(d) })
		case "arch":
			s.Arch = d.str()
		case "program":
			s.Program = d.base64()
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
