package plan

// What a plan says about the environment, the network and sockets.

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
		case "loopback":
			n.Loopback = d.boolean()
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

func (b *Bus) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "bus":
			b.Bus = d.str()
		case "rules":
			list(d, &b.Rules, func(r *BusRule) { r.decode(d) })
		case "origin":
			b.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (r *BusRule) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "kind":
			r.Kind = d.str()
		case "text":
			r.Text = d.str()
		case "origin":
			r.Origin = d.num()
		default:
			d.unknown(key)
		}
	})
}

func (p *DBusProxy) decode(d *decoder) {
	d.object(func(key string) {
		switch key {
		case "path":
			p.Path = d.str()
		case "grants":
			d.strs(&p.Grants)
		case "arch":
			p.Arch = d.str()
		case "filter":
			p.Filter = d.base64()
		default:
			d.unknown(key)
		}
	})
}
