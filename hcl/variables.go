package hcl

import (
	"fmt"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// variable is one variable block.
type variable struct {
	name string
	at   hashi.Range
	body *hashi.BodyContent
	kind cty.Type // what its values must be; DynamicPseudoType for any
	// free is true where the default alone gives the type and is a list or map:
	// values may have other elements than it.
	free     bool
	fallback cty.Value // NilVal where there is none
	value    cty.Value // unknown after an error
}

// givenValues are values from outside the profiles.
type givenValues struct {
	set     map[string]string
	environ []string
}

// environmentPrefix begins the environment variables that set variables.
const environmentPrefix = "HUSK_VAR_"

// lookup gives the value of a variable and where it comes from.
func (g givenValues) lookup(name string) (value, source string, ok bool) {
	if v, ok := g.set[name]; ok {
		return v, "--set " + name, true
	}
	// As in a shell, the last of several holds.
	for i := len(g.environ) - 1; i >= 0; i-- {
		if v, ok := strings.CutPrefix(g.environ[i], environmentPrefix+name+"="); ok {
			return v, environmentPrefix + name, true
		}
	}
	return "", "", false
}

var variableSchema = &hashi.BodySchema{
	Attributes: []hashi.AttributeSchema{{Name: "type"}, {Name: "default"}, {Name: "description"}},
	Blocks:     []hashi.BlockHeaderSchema{{Type: "validation"}},
}

var variableLanguage = &block{
	name: "variable",
	attributes: []attribute{
		{name: "type", of: element{example: "string"}},
		{name: "default", of: anyText},
		{name: "description", of: anyText},
	},
	blocks: []*block{{name: "validation"}},
}

var validationSchema = &hashi.BodySchema{
	Attributes: []hashi.AttributeSchema{{Name: "condition", Required: true}, {Name: "error_message", Required: true}},
}

func (m *module) addVariable(f *file, b *hashi.Block) {
	name := b.Labels[0]
	if !hclsyntax.ValidIdentifier(name) {
		m.report(b.LabelRanges[0], "not a variable's name", "a name has letters, digits, \"_\" and \"-\", a letter first")
		return
	}
	if first, twice := m.variables[name]; twice {
		m.report(b.DefRange, fmt.Sprintf("variable %q is written twice", name), "the first is at "+place(first.at)+"; leave one out")
		return
	}
	content, diags := b.Body.Content(variableSchema)
	m.diags = append(m.diags, explainUnknown(variableLanguage, diags)...)
	m.variables[name] = &variable{name: name, at: b.DefRange, body: content, kind: cty.DynamicPseudoType, value: cty.DynamicVal}
}

// evaluateVariables gives every variable its value: --set, then HUSK_VAR_name,
// then the default.
func (m *module) evaluateVariables(given givenValues) {
	for _, name := range sortedKeys(m.variables) {
		v := m.variables[name]
		if !m.declare(v) {
			continue
		}
		value, source, ok := m.variableValue(v, given)
		if ok && m.validates(v, value, source) {
			v.value = value
		}
	}
}

// declare reads type, default and description.
func (m *module) declare(v *variable) bool {
	if a, ok := v.body.Attributes["type"]; ok {
		kind, diags := typeexpr.TypeConstraint(a.Expr)
		if diags.HasErrors() {
			m.diags = append(m.diags, diags...)
			return false
		}
		v.kind = kind
	}
	if a, ok := v.body.Attributes["description"]; ok {
		if d, ok := m.evaluateConstant(a.Expr); ok && (d.IsNull() || d.Type() != cty.String) {
			m.report(a.Expr.Range(), "wrong type", "write description = \"text\"")
		}
	}
	if a, ok := v.body.Attributes["default"]; ok {
		fallback, ok := m.evaluateConstant(a.Expr)
		if !ok {
			return false
		}
		converted, err := convert.Convert(fallback, v.kind)
		if err != nil {
			m.report(a.Expr.Range(), "default of another type",
				fmt.Sprintf("the variable's type is %s: %s", v.kind.FriendlyName(), err))
			return false
		}
		v.fallback = converted
		if v.kind == cty.DynamicPseudoType {
			v.kind = converted.Type()
			v.free = v.kind.IsTupleType() || v.kind.IsObjectType()
		}
	} else if v.kind == cty.DynamicPseudoType {
		v.kind = cty.String
	}
	return true
}

// evaluateConstant evaluates what may use anchors and functions only.
func (m *module) evaluateConstant(e hashi.Expression) (cty.Value, bool) {
	p, diags := prepare(e, m.budget)
	for _, t := range p.references {
		if root := t.RootName(); root == "var" || root == "local" || root == "command" {
			m.report(t.SourceRange(), "not a constant", fmt.Sprintf("a variable is evaluated before %q is known; write a local that uses both", root))
			return cty.DynamicVal, false
		}
	}
	if diags.HasErrors() {
		m.diags = append(m.diags, diags...)
		return cty.DynamicVal, false
	}
	v, diags := evaluate(p, m.base)
	m.diags = append(m.diags, diags...)
	return v, !diags.HasErrors() && v.IsWhollyKnown()
}

// variableValue gives a variable's value and who gives it.
func (m *module) variableValue(v *variable, given givenValues) (value cty.Value, source string, ok bool) {
	text, source, ok := given.lookup(v.name)
	switch {
	case ok:
		value, ok = m.parseValue(v, text, source)
		return value, source, ok
	case v.fallback != cty.NilVal:
		return v.fallback, "the default", true
	}
	m.report(v.at, fmt.Sprintf("variable %q has no value", v.name),
		fmt.Sprintf("give it a default, or call husk with --set %s=… or %s%s=… in the environment", v.name, environmentPrefix, v.name))
	return cty.DynamicVal, "", false
}

// parseValue reads a value from outside: as it is for strings, as an
// expression without references for everything else.
func (m *module) parseValue(v *variable, text, source string) (cty.Value, bool) {
	wrong := func(why string) (cty.Value, bool) {
		m.report(v.at, fmt.Sprintf("wrong value for variable %q", v.name), fmt.Sprintf("%s gives %q: %s", source, text, why))
		return cty.DynamicVal, false
	}
	value, wanted := cty.StringVal(text), v.wanted()
	if holdsToken(text) || strings.ContainsRune(text, 0) {
		return wrong("it holds characters that no value may have")
	}
	if v.kind != cty.String {
		if diags := checkNative([]byte(text), source); diags.HasErrors() || len(text) > maxFileSize {
			return wrong("it is too large")
		}
		e, diags := hclsyntax.ParseExpression([]byte(text), source, hashi.InitialPos)
		if diags.HasErrors() || len(e.Variables()) > 0 {
			return wrong(wanted + " is wanted, written as in a profile")
		}
		parsed, diags := evaluate(meter(e, m.budget), &hashi.EvalContext{})
		if diags.HasErrors() {
			return wrong(wanted + " is wanted, written as in a profile")
		}
		value = parsed
	}
	if v.free {
		if value.IsNull() || value.Type().IsTupleType() != v.kind.IsTupleType() || value.Type().IsObjectType() != v.kind.IsObjectType() {
			return wrong(wanted + " is wanted, written as in a profile")
		}
		return value, true
	}
	converted, err := convert.Convert(value, v.kind)
	if err != nil {
		return wrong(fmt.Sprintf("%s is wanted: %s", wanted, err))
	}
	return converted, true
}

// wanted names the type of a variable's values.
func (v *variable) wanted() string {
	switch {
	case v.free && v.kind.IsTupleType():
		return "list"
	case v.free:
		return "map"
	}
	return v.kind.FriendlyName()
}

// validates evaluates the validation blocks against a value; source says who
// gives it.
func (m *module) validates(v *variable, value cty.Value, source string) bool {
	ctx := m.base.NewChild()
	ctx.Variables = map[string]cty.Value{"var": cty.ObjectVal(map[string]cty.Value{v.name: value})}
	valid := true
	for _, b := range v.body.Blocks {
		content, diags := b.Body.Content(validationSchema)
		m.diags = append(m.diags, diags...)
		if diags.HasErrors() {
			valid = false
			continue
		}
		holds, ok := m.truth(content.Attributes["condition"].Expr, ctx)
		if !ok {
			valid = false
		} else if !holds {
			valid = false
			m.report(content.Attributes["condition"].Expr.Range(), fmt.Sprintf("invalid value for variable %q", v.name),
				fmt.Sprintf("%s (the value is that of %s)", m.message(content.Attributes["error_message"].Expr, ctx), source))
		}
	}
	return valid
}

func (m *module) truth(e hashi.Expression, ctx *hashi.EvalContext) (holds, ok bool) {
	p, diags := prepare(e, m.budget)
	if !diags.HasErrors() {
		var v cty.Value
		v, more := evaluate(p, ctx)
		diags = append(diags, more...)
		if !diags.HasErrors() {
			if v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool {
				return v.True(), true
			}
			diags = append(diags, problem(e.Range(), "wrong type", "a condition is true or false, like contains([\"a\", \"b\"], var.name)"))
		}
	}
	m.diags = append(m.diags, diags...)
	return false, false
}

func (m *module) message(e hashi.Expression, ctx *hashi.EvalContext) string {
	p, diags := prepare(e, m.budget)
	if !diags.HasErrors() {
		v, more := evaluate(p, ctx)
		diags = append(diags, more...)
		if !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
			return voice(v.AsString())
		}
	}
	m.diags = append(m.diags, diags...)
	return "its validation does not hold"
}
