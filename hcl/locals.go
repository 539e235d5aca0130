package hcl

import (
	"fmt"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// local is one entry of a locals block. The order in which they are written
// doesn't matter.
type local struct {
	name string
	at   hashi.Range
	expr prepared
	// broken is true when it cannot be evaluated: a syntax error or a cycle.
	broken bool
	uses   []string // other locals
	mark   int      // of the search for cycles
}

const (
	unvisited = iota
	onPath
	finished
)

func (m *module) addLocals(b *hashi.Block) {
	attributes, diags := b.Body.JustAttributes()
	m.diags = append(m.diags, diags...)
	for _, name := range sortedKeys(attributes) {
		a := attributes[name]
		if first, twice := m.locals[name]; twice {
			m.report(a.NameRange, fmt.Sprintf("local %q is written twice", name), "the first is at "+place(first.at)+"; rename one of them")
			continue
		}
		expr, diags := prepare(a.Expr, m.budget)
		m.diags = append(m.diags, diags...)
		m.locals[name] = &local{name: name, at: a.NameRange, expr: expr, broken: diags.HasErrors()}
	}
}

// orderLocals finds what each local uses, and reports cycles.
func (m *module) orderLocals() {
	names := sortedKeys(m.locals)
	for _, name := range names {
		l := m.locals[name]
		if diags := m.checkReferences(l.expr.references); diags.HasErrors() {
			l.broken = true
			m.diags = append(m.diags, diags...)
		}
		for _, t := range l.expr.references {
			switch t.RootName() {
			case "command":
				m.commandMatters = true
			case "local":
				m.use(l, t)
			}
		}
	}
	for _, name := range names {
		m.searchCycle(name, nil)
	}
}

// use notes which local another one refers to.
func (m *module) use(l *local, t hashi.Traversal) {
	if len(t) > 1 {
		if step, ok := t[1].(hashi.TraverseAttr); ok {
			l.uses = append(l.uses, step.Name)
			return
		}
	}
	l.broken = true
	m.report(t.SourceRange(), "local without a name", "inside locals a local is written local.NAME, so that the order in which they are evaluated is known")
}

// searchCycle follows what a local uses. The depth is that of the longest
// chain of locals, which their number bounds.
func (m *module) searchCycle(name string, path []string) {
	l, ok := m.locals[name]
	if !ok || l.mark == finished {
		return
	}
	if l.mark == onPath {
		cycle := append(slices.Clone(path[slices.Index(path, name):]), name)
		for _, member := range cycle {
			m.locals[member].broken = true
		}
		m.report(l.at, "cycle of locals", fmt.Sprintf("%s: each needs the next; write out one of them", strings.Join(shorten(cycle), " -> ")))
		return
	}
	l.mark = onPath
	for _, used := range l.uses {
		m.searchCycle(used, append(path, name))
	}
	l.mark = finished
}

// shorten keeps both ends of a long chain for a message.
func shorten(chain []string) []string {
	if len(chain) <= 12 {
		return chain
	}
	return slices.Concat(chain[:6], []string{"…"}, chain[len(chain)-6:])
}

// evaluateLocals evaluates all locals in the scope of one command.
func (m *module) evaluateLocals(s *scope) {
	values := make(map[string]cty.Value, len(m.locals))
	for name, l := range m.locals {
		if l.broken {
			values[name] = cty.DynamicVal
		}
	}
	for _, name := range sortedKeys(m.locals) {
		m.evaluateLocal(name, values, s)
	}
	s.context.Variables["local"] = cty.ObjectVal(values)
}

func (m *module) evaluateLocal(name string, values map[string]cty.Value, s *scope) {
	l, ok := m.locals[name]
	if _, done := values[name]; done || !ok {
		return
	}
	needed := make(map[string]cty.Value, len(l.uses))
	for _, used := range l.uses {
		m.evaluateLocal(used, values, s)
		if v, ok := values[used]; ok {
			needed[used] = v
		}
	}
	ctx := s.context.NewChild()
	ctx.Variables = map[string]cty.Value{"local": cty.ObjectVal(needed)}
	v, diags := evaluate(l.expr, ctx)
	s.diags = append(s.diags, diags...)
	values[name] = v
}
