package hcl

import (
	"fmt"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// fileLanguage is what a file may hold.
var fileLanguage = &block{
	name: "a profile file",
	blocks: []*block{
		{name: "variable", label: "name"},
		{name: "locals"},
		profileLanguage,
	},
}

// fileSchema is fileLanguage for the HCL library.
var fileSchema = &hashi.BodySchema{Blocks: []hashi.BlockHeaderSchema{
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "locals"},
	{Type: "profile", LabelNames: []string{"name"}},
}}

// module is the files of one directory: they share variables and locals.
type module struct {
	layer     string
	anchors   anchors
	budget    *budget
	base      *hashi.EvalContext // anchors, functions, user and uid
	files     []*file
	profiles  map[string]*profile
	order     []*profile // as they are written, files in order of their names
	variables map[string]*variable
	locals    map[string]*local
	// commandMatters is true when a local depends on the command.
	commandMatters bool
	scopes         map[string]*scope // by command
	diags          hashi.Diagnostics
}

// profile is one profile block.
type profile struct {
	name   string
	module *module
	file   *file
	block  *hashi.Block
	// usesCommand and usesLocals say what its text may refer to.
	usesCommand, usesLocals bool
	// ancestors are all profiles that it inherits from, known once it is
	// resolved.
	ancestors map[*profile]bool

	decoded  map[string]*decoded  // by command, "" where it doesn't matter
	resolved map[string]*resolved // likewise
	visiting bool
}

// qualified gives the name that means this profile whatever hides it; for the
// user's layer that is the name itself.
func (p *profile) qualified() string {
	if p.module.layer == layerUser {
		return p.name
	}
	return p.module.layer + "/" + p.name
}

// newModule reads the blocks of parsed files and evaluates their variables.
func newModule(layer string, files []*file, shared sharedScope) *module {
	m := &module{
		layer: layer, files: files, anchors: shared.anchors, budget: shared.budget, base: shared.base,
		profiles:  make(map[string]*profile),
		variables: make(map[string]*variable),
		locals:    make(map[string]*local),
		scopes:    make(map[string]*scope),
	}
	for _, f := range files {
		m.diags = append(m.diags, f.diags...)
		m.readFile(f)
	}
	m.evaluateVariables(shared.given)
	m.orderLocals()
	return m
}

func (m *module) report(at hashi.Range, summary, detail string) {
	m.diags = append(m.diags, problem(at, summary, detail))
}

// readFile takes the blocks of a file in.
func (m *module) readFile(f *file) {
	content, diags := f.body.Content(fileSchema)
	m.diags = append(m.diags, explainUnknown(fileLanguage, diags)...)
	for _, b := range content.Blocks {
		if len(b.Labels) > 0 && f.labels[b.LabelRanges[0].Start.Byte] != "" {
			m.report(b.LabelRanges[0], "template in a name", fmt.Sprintf("the name of a %s is written out", b.Type))
			continue
		}
		switch b.Type {
		case "variable":
			m.addVariable(f, b)
		case "locals":
			m.addLocals(b)
		case "profile":
			m.addProfile(f, b)
		}
	}
}

func (m *module) addProfile(f *file, b *hashi.Block) {
	name := b.Labels[0]
	anyProfile := m.layer == layerProject && name == everyProfile
	if !anyProfile && !profileName().MatchString(name) {
		m.report(b.LabelRanges[0], "not a profile's name",
			fmt.Sprintf("%q becomes part of file names; use up to 64 letters, digits, \".\", \"_\", \"+\" and \"-\", a letter or digit first", name))
		return
	}
	if first, twice := m.profiles[name]; twice {
		m.report(b.DefRange, fmt.Sprintf("profile %q is written twice", name), "the first is at "+place(first.block.DefRange)+"; rename one of them")
		return
	}
	p := &profile{
		name: name, module: m, file: f, block: b,
		decoded: make(map[string]*decoded), resolved: make(map[string]*resolved),
	}
	p.usesCommand, p.usesLocals = uses(f, b)
	m.profiles[name] = p
	m.order = append(m.order, p)
}

// place writes where something is for the middle of a sentence.
func place(at hashi.Range) string { return fmt.Sprintf("%s:%d", at.Filename, at.Start.Line) }

// uses notes which names, known only for one command, a profile's text refers
// to. For the JSON form, whose expressions are not parsed yet, the answer is
// always both.
func uses(f *file, b *hashi.Block) (command, locals bool) {
	body, isNative := b.Body.(*hclsyntax.Body)
	if !isNative {
		return true, true
	}
	command, locals = f.labelUses()
	// The callback reports nothing.
	_ = hclsyntax.VisitAll(body, func(n hclsyntax.Node) hashi.Diagnostics {
		if t, ok := n.(*hclsyntax.ScopeTraversalExpr); ok {
			command = command || t.Traversal.RootName() == "command"
			locals = locals || t.Traversal.RootName() == "local"
		}
		return nil
	})
	return command, locals
}

// scope is what expressions can refer to, for one command.
type scope struct {
	context *hashi.EvalContext
	diags   hashi.Diagnostics
}

// sharedScope is what all modules of a load have in common.
type sharedScope struct {
	anchors anchors
	budget  *budget
	base    *hashi.EvalContext
	given   givenValues
}

// newSharedScope makes the names that are known before any file is read.
func newSharedScope(o Options, files int) sharedScope {
	a := newAnchors()
	b := &budget{left: budgetBase + files*budgetPerFile}
	text := func(name string) cty.Value { return cty.StringVal(a.token(name)) }
	xdg := make(map[string]cty.Value)
	for _, short := range xdgNames {
		xdg[short] = text(tokenXDG + short)
	}
	s := sharedScope{
		anchors: a,
		budget:  b,
		base: &hashi.EvalContext{
			Functions: functionsFor(a, b),
			Variables: map[string]cty.Value{
				"home":    text("home"),
				"cwd":     text("cwd"),
				"project": text("project"),
				"xdg":     cty.ObjectVal(xdg),
			},
		},
		given: givenValues{set: o.Set, environ: o.Environ},
	}
	if o.UID != NoUser {
		s.base.Variables["user"] = cty.StringVal(o.User)
		s.base.Variables["uid"] = cty.NumberIntVal(int64(o.UID))
	}
	return s
}

// scopeFor gives the module's scope for a command.
func (m *module) scopeFor(command string) *scope {
	if s, ok := m.scopes[command]; ok {
		return s
	}
	s := &scope{context: m.base.NewChild()}
	values := make(map[string]cty.Value, len(m.variables))
	for name, v := range m.variables {
		values[name] = v.value
	}
	s.context.Variables = map[string]cty.Value{
		"command": cty.StringVal(command),
		"var":     cty.ObjectVal(values),
	}
	m.evaluateLocals(s)
	m.scopes[command] = s
	return s
}

// xdgNames are the XDG base directories by their short names.
var xdgNames = []string{"config", "cache", "data", "state", "runtime"}

// checkReferences reports variables, locals and directories that do not exist.
func (m *module) checkReferences(references []hashi.Traversal) hashi.Diagnostics {
	var diags hashi.Diagnostics
	for _, t := range references {
		step, named := hashi.TraverseAttr{}, false
		if len(t) > 1 {
			step, named = t[1].(hashi.TraverseAttr)
		}
		var kind string
		var known []string
		where := "no file of this directory has a %s of that name"
		switch root := t.RootName(); {
		case root == "xdg" && named && !slices.Contains(xdgNames, step.Name):
			kind, known, where = "directory", xdgNames, "xdg has the %s names "+strings.Join(xdgNames, ", ")
		case root == "var" && named && m.variables[step.Name] == nil:
			kind, known = "variable", sortedKeys(m.variables)
		case root == "local" && named && m.locals[step.Name] == nil:
			kind, known = "local", sortedKeys(m.locals)
		default:
			continue
		}
		diags = append(diags, problem(t.SourceRange(), fmt.Sprintf("unknown %s %q", kind, step.Name),
			fmt.Sprintf(where, kind)+DidYouMean(step.Name, known)))
	}
	return diags
}
