package enforce

import (
	"errors"

	"github.com/husk-sandbox/husk/enforce/namespaces"
	"github.com/husk-sandbox/husk/enforce/plan"
)

// grant is one path of the file policy with its anchor and links resolved.
type grant struct {
	resolved
	// target is where it stands inside: its own path, except for binds.
	target  string
	write   bool
	execute bool
	origin  int
}

// files is the file policy for this start: the plan's lists with everything
// that is open in a plan decided.
type files struct {
	grants  []grant
	hide    []grant
	protect []grant
	// reserved is never writable, wherever it is shown.
	reserved []grant
	// joins are directories whose writable parts share one mount.
	joins []grant
	// missing are the paths of all three that don't exist, and must not come to
	// exist by the program's doing (see missing.go).
	missing []grant
	// sockets may be connected to.
	sockets []grant
	// program are the real program's own paths; they hold whatever else is said.
	program []grant
	links   []link
	// notices are what was dropped, a line each.
	notices []string
}

// policy resolves a plan's file lists.
type policy struct {
	plan    *plan.Plan
	anchors *anchors
	home    string // resolved
	out     files
	dry     bool // nothing is to be made
	dropped map[string]bool
}

func resolveFiles(p *plan.Plan, a *anchors, home string, dry bool) (*files, error) {
	r := &policy{plan: p, anchors: a, home: home, dry: dry, dropped: map[string]bool{}}
	f := &p.Filesystem
	for _, path := range append(p.Program.Grants, p.Program.Path) {
		if err := r.program(path); err != nil {
			return nil, err
		}
	}
	// Writes first: where a path stands in both lists, it is writable.
	for _, list := range []struct {
		rules          []plan.PathRule
		write, execute bool
	}{{f.Write, true, !f.ExecuteOnly}, {f.Execute, false, true}, {f.Read, false, !f.ExecuteOnly}} {
		for _, rule := range list.rules {
			if err := r.grant(rule, list.write, list.execute); err != nil {
				return nil, err
			}
		}
	}
	if err := r.binds(); err != nil {
		return nil, err
	}
	if err := r.joins(); err != nil {
		return nil, err
	}
	if err := r.sockets(); err != nil {
		return nil, err
	}
	for _, rule := range f.Hide {
		if err := r.except(rule, &r.out.hide); err != nil {
			return nil, err
		}
	}
	for _, rule := range f.Protect {
		if err := r.except(rule, &r.out.protect); err != nil {
			return nil, err
		}
	}
	if len(r.writable()) == 0 {
		return &r.out, r.checkLinks() // nothing is to be kept from being written
	}
	for _, rule := range f.Reserved {
		if err := r.except(rule, &r.out.reserved); err != nil {
			return nil, err
		}
	}
	return &r.out, r.checkLinks()
}

// failure gives an error about a rule.
func (r *policy) failure(origin int, text, hint string) error {
	return &Failure{Text: text, Hint: hint, From: where(r.plan, origin)}
}

// where names a rule's line: "library/npm.hcl:12 (npm > base)".
func where(p *plan.Plan, origin int) string {
	o, ok := p.Origin(origin)
	if !ok {
		return ""
	}
	s := o.Place()
	for i, name := range o.Through {
		if i == 0 {
			s += " (" + name
		} else {
			s += " > " + name
		}
	}
	if len(o.Through) > 0 {
		s += ")"
	}
	return s
}

// lookup resolves a rule's path; ok is false where the rule is to be skipped.
func (r *policy) lookup(p plan.Path, required bool, origin int) (at resolved, ok bool, err error) {
	absolute, err := r.anchors.absolute(p)
	if errors.Is(err, errUnset) {
		if required {
			return at, false, r.failure(origin, p.String()+" is required, and "+p.Name+" is not set", "")
		}
		return at, false, nil
	}
	if err != nil {
		return at, false, r.failure(origin, err.Error(), "")
	}
	at, ok = resolve(absolute)
	if !ok {
		return at, false, r.failure(origin, absolute+" leads through too many symbolic links", "")
	}
	if at.mode == 0 && required {
		return at, false, r.failure(origin, absolute+" does not exist, and the profile requires it", "")
	}
	return at, true, nil
}

func (r *policy) grant(rule plan.PathRule, write, execute bool) error {
	at, ok, err := r.lookup(rule.Path, rule.Required, rule.Origin)
	if err != nil || !ok {
		return err
	}
	if r.tooWide(rule, at.path, write) {
		return nil
	}
	if at.mode == 0 && rule.Create && write && !r.dry {
		if at, err = r.create(at, rule.Origin); err != nil {
			return err
		}
	}
	if at.mode == 0 {
		return nil
	}
	r.add(grant{resolved: at, target: at.path, write: write, execute: execute, origin: rule.Origin})
	return nil
}

func (r *policy) add(g grant) {
	r.out.grants = append(r.out.grants, g)
	r.out.links = append(r.out.links, g.links...)
}

// tooWide drops what nobody means: the working directory, the project or a
// variable that happens to be the root, the home directory or above it, or the
// shared temporary directory; and write access to the root or to home however
// it was asked for.
func (r *policy) tooWide(rule plan.PathRule, at string, write bool) bool {
	floating := rule.Path.Anchor != plan.AnchorRoot && rule.Path.Anchor != plan.AnchorHome
	everything := at == "/" || (r.home != "" && namespaces.Within(r.home, at))
	if !(everything && (write || floating)) && !(floating && at == "/tmp") {
		return false
	}
	if !r.dropped[at] {
		r.dropped[at] = true
		notice := rule.Path.String() + " is " + at + " here, which is not granted"
		if rule.Path.Anchor == plan.AnchorProject || rule.Path.Anchor == plan.AnchorCwd {
			notice += "; start the command in a project's directory"
		}
		r.out.notices = append(r.out.notices, notice)
	}
	return true
}

// program shows a path of the real program with the links on the way.
func (r *policy) program(p string) error {
	at, ok := resolve(p)
	if !ok || at.mode == 0 {
		return nil // execve(2) will say so, with the status for it
	}
	g := grant{resolved: at, target: at.path, execute: true, origin: plan.NoOrigin}
	r.out.program = append(r.out.program, g)
	r.out.links = append(r.out.links, at.links...)
	return nil
}

func (r *policy) binds() error {
	for _, b := range r.plan.Filesystem.Bind {
		from, ok, err := r.lookup(b.From, b.Required, b.Origin)
		if err != nil {
			return err
		}
		to, toOK, err := r.lookup(b.To, false, b.Origin)
		if err != nil {
			return err
		}
		if !ok || !toOK || from.mode == 0 || r.tooWide(plan.PathRule{Path: b.From}, from.path, b.Mode == plan.ModeWrite) {
			continue
		}
		if to.path == "/" {
			return r.failure(b.Origin, "nothing can be shown at "+b.To.String()+", which is the root here", "")
		}
		r.out.links = append(r.out.links, to.links...)
		r.out.grants = append(r.out.grants, grant{resolved: from, target: to.path,
			write: b.Mode == plan.ModeWrite, execute: !r.plan.Filesystem.ExecuteOnly, origin: b.Origin})
	}
	return nil
}

// except notes a path that is hidden, protected or reserved. What does not exist
// cannot be mounted over.
func (r *policy) except(rule plan.PathRule, into *[]grant) error {
	at, ok, err := r.lookup(rule.Path, rule.Required, rule.Origin)
	if err != nil || !ok {
		return err
	}
	g := grant{resolved: at, target: at.path, origin: rule.Origin}
	if at.mode != 0 {
		*into = append(*into, g)
		return nil
	}
	if file, ok := wayEnds(at); ok && into != &r.out.hide {
		*into = append(*into, grant{resolved: file, target: file.path, origin: rule.Origin})
		return nil
	}
	r.out.missing = append(r.out.missing, g)
	return nil
}

// holdsWriteGrant says whether something that may be written is dir or lies
// below it.
func (f *files) holdsWriteGrant(dir string) bool {
	for i := range f.grants {
		if f.grants[i].write && namespaces.Within(f.grants[i].path, dir) {
			return true
		}
	}
	return false
}

// checkLinks refuses a grant that leads out of a writable tree through a link
// inside it: an earlier run of the program may have put the link there to have
// its target granted in this one.
func (r *policy) checkLinks() error {
	roots := r.writable()
	for _, list := range [][]grant{r.out.grants, r.out.program, r.out.sockets} {
		for _, g := range list {
			for _, l := range g.links {
				for _, root := range roots {
					if namespaces.Within(l.path, root) && !namespaces.Within(g.path, root) {
						return r.failure(g.origin, "the grant leads through the link "+l.path+" to "+g.path+
							", and the sandbox may write that link", "grant "+g.path+" itself, or move the link out of "+root)
					}
				}
			}
		}
	}
	return nil
}

// writable lists the trees of the host that the program may write.
func (r *policy) writable() []string {
	var roots []string
	for _, g := range r.out.grants {
		if g.write {
			roots = append(roots, g.path)
		}
	}
	if r.plan.Home.Mode == plan.HomeHost && r.home != "" {
		roots = append(roots, r.home)
	}
	if r.plan.Tmp.Mode == plan.TmpHost {
		roots = append(roots, hostTmp(r.anchors.Caller, r.home)...)
	}
	return roots
}
