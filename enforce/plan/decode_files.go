package plan

// What a plan says about files: one decode method per part, a switch over its
// fields, no more.

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
