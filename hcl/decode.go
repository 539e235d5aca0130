package hcl

import (
	"fmt"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// decoder turns one profile's text into settings. Everything that is wrong is
// collected in diags; the rest is decoded all the same, so that one run shows
// all of it.
type decoder struct {
	module  *module
	file    *file
	anchors anchors
	budget  *budget
	chain   *link // of the profile that is decoded
	diags   hashi.Diagnostics
	// errors and warnings count what was reported.
	errors, warnings int
	// seen finds what is written twice: blocks and names of maps.
	seen map[string]hashi.Range
}

// first reports whether nothing of that kind and key was seen before;
// otherwise it gives the place.
func (d *decoder) first(kind, key string, at hashi.Range) (hashi.Range, bool) {
	if d.seen == nil {
		d.seen = make(map[string]hashi.Range)
	}
	id := kind + "\x00" + key
	if before, known := d.seen[id]; known {
		return before, false
	}
	d.seen[id] = at
	return at, true
}

func (d *decoder) report(at hashi.Range, summary, detail string) {
	// Enough to show, and the profile gives no plan any more.
	if d.errors++; d.errors > 5*maxDiagnostics {
		return
	}
	d.diags = append(d.diags, problem(at, summary, detail))
}

func (d *decoder) warn(at hashi.Range, summary, detail string) {
	if d.warnings++; d.warnings > 5*maxDiagnostics {
		return
	}
	d.diags = append(d.diags, caution(at, summary, detail))
}

func (d *decoder) rule(v *value) rule { return rule{v, d.chain} }

// body decodes the contents of a block; prefix is what its attributes' names
// begin with in the settings.
func (d *decoder) body(b *block, body hashi.Body, ctx *hashi.EvalContext, into *settings, prefix string) {
	content, diags := body.Content(b.hclSchema())
	diags = explainUnknown(b, diags)
	d.diags = append(d.diags, diags...)
	for _, a := range b.attributes {
		attr, written := content.Attributes[a.name]
		if written {
			d.attribute(a, attr, ctx, into, prefix)
		} else if a.required && !diags.HasErrors() && !d.file.broken() {
			d.report(content.MissingItemRange, "missing attribute",
				fmt.Sprintf("%s has no %s; write %s", b.name, a.name, a.usage()))
		}
	}
	for _, inner := range content.Blocks {
		if inner.Type == "dynamic" {
			d.dynamic(b, inner, ctx, into, prefix)
			continue
		}
		label := func() (hclsyntax.Expression, hashi.Diagnostics) {
			return d.file.labelExpression(inner.Labels[0], inner.LabelRanges[0])
		}
		d.block(b.block(inner.Type), inner.Body, inner.DefRange, label, ctx, into, prefix)
	}
}

// block decodes one block inside another; label gives the label's expression
// where the kind has one.
func (d *decoder) block(b *block, body hashi.Body, at hashi.Range, label func() (hclsyntax.Expression, hashi.Diagnostics),
	ctx *hashi.EvalContext, into *settings, prefix string) {
	name := prefix + b.name
	if b.label == "" {
		if first, twice := into.given[name]; twice {
			d.report(at, fmt.Sprintf("%s is written twice", b.name),
				fmt.Sprintf("the first is in line %d; put everything into one block", first.at.Start.Line))
		}
		into.given[name] = d.rule(&value{at: at})
		d.body(b, body, ctx, into, name+".")
		return
	}
	e := &entry{body: newSettings()}
	expr, diags := label()
	d.diags = append(d.diags, diags...)
	labelled := d.label(b, expr, ctx)
	d.body(b, body, ctx, e.body, "")
	if labelled == nil {
		return
	}
	labelled.at = at
	e.label = d.rule(labelled)
	e.key = labelled.key
	if b.key != nil {
		e.key = b.key(e)
	}
	if before, first := d.first(name, e.key, at); !first {
		d.report(at, fmt.Sprintf("%s %q is written twice", b.name, readable(labelled.key)),
			fmt.Sprintf("the first is in line %d; put everything into one block", before.Start.Line))
		return
	}
	into.blocks[name] = append(into.blocks[name], e)
}

// label evaluates and decodes a block's label.
func (d *decoder) label(b *block, e hashi.Expression, ctx *hashi.EvalContext) *value {
	v, ok := d.evaluate(e, ctx)
	if !ok {
		return nil
	}
	return d.element(b.labelOf, v, e.Range())
}

// evaluate prepares and evaluates an expression. Where the value is not known
// something was reported: here, or where the variable or local it uses is.
func (d *decoder) evaluate(e hashi.Expression, ctx *hashi.EvalContext) (cty.Value, bool) {
	p, diags := prepare(e, d.budget)
	diags = append(diags, d.module.checkReferences(p.references)...)
	if !diags.HasErrors() {
		var more hashi.Diagnostics
		var v cty.Value
		v, more = evaluate(p, ctx)
		diags = append(diags, more...)
		if !diags.HasErrors() && v.IsKnown() {
			d.diags = append(d.diags, diags...)
			return v, true
		}
	}
	if !diags.HasErrors() {
		diags = append(diags, notKnown(e.Range()))
	}
	d.diags = append(d.diags, diags...)
	return cty.DynamicVal, false
}

// element decodes one value of a kind.
func (d *decoder) element(of element, v cty.Value, at hashi.Range) *value {
	switch {
	case !v.IsKnown():
		d.diags = append(d.diags, notKnown(at))
		return nil
	case v.IsNull():
		d.report(at, "null is no value here", fmt.Sprintf("write %s, like %s", of.noun, of.example))
		return nil
	}
	return of.decode(d, v, at)
}

// attribute decodes one attribute into the settings.
func (d *decoder) attribute(a attribute, attr *hashi.Attribute, ctx *hashi.EvalContext, into *settings, prefix string) {
	name := prefix + a.name
	expr, diags := native(attr.Expr)
	d.diags = append(d.diags, diags...)
	if diags.HasErrors() {
		return
	}
	if a.shape == list || a.shape == sequence {
		if elements, diags := hashi.ExprList(expr); !diags.HasErrors() {
			d.elements(a, name, attr, elements, ctx, into)
			return
		}
	}
	if a.shape == mapping || a.shape == grouped {
		if pairs, diags := hashi.ExprMap(expr); !diags.HasErrors() {
			d.pairs(a, name, pairs, ctx, into)
			return
		}
	}
	v, ok := d.evaluate(expr, ctx)
	if !ok {
		return
	}
	if v.IsNull() {
		into.singles[name] = d.rule(&value{at: attr.Range, reset: true})
		return
	}
	d.whole(a, name, v, attr, ctx, into)
}

// elements decodes a list that is written out, each element at its own place.
func (d *decoder) elements(a attribute, name string, attr *hashi.Attribute, elements []hashi.Expression, ctx *hashi.EvalContext, into *settings) {
	values := make([]*value, 0, len(elements))
	for _, e := range elements {
		if v, ok := d.evaluate(e, ctx); ok {
			if decoded := d.element(a.of, v, e.Range()); decoded != nil {
				values = append(values, decoded)
			}
		}
	}
	d.store(a, name, attr.Range, values, into)
}

// whole decodes a value that was computed.
func (d *decoder) whole(a attribute, name string, v cty.Value, attr *hashi.Attribute, ctx *hashi.EvalContext, into *settings) {
	at := attr.Expr.Range()
	t := v.Type()
	isList := t.IsTupleType() || t.IsListType() || t.IsSetType()
	isMap := t.IsObjectType() || t.IsMapType()
	switch {
	case a.shape == single:
		if decoded := d.element(a.of, v, at); decoded != nil {
			decoded.at = attr.Range
			into.singles[name] = d.rule(decoded)
		}
	case (a.shape == list || a.shape == sequence) && isList:
		var values []*value
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			if decoded := d.element(a.of, element, at); decoded != nil {
				values = append(values, decoded)
			}
		}
		d.store(a, name, attr.Range, values, into)
	case (a.shape == mapping || a.shape == grouped) && isMap:
		into.lists[name] = []rule{}
		for it := v.ElementIterator(); it.Next(); {
			key, element := it.Element()
			d.pair(a, name, key, element, at, at, into)
		}
	default:
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; write %s", kindOf(v), a.usage()))
	}
}

// store keeps the values of a list or sequence.
func (d *decoder) store(a attribute, name string, at hashi.Range, values []*value, into *settings) {
	if a.shape == sequence {
		whole := &value{at: at, texts: []string{}}
		for _, v := range values {
			whole.texts = append(whole.texts, v.text)
		}
		into.singles[name] = d.rule(whole)
		return
	}
	rules := make([]rule, 0, len(values))
	for _, v := range values {
		rules = append(rules, d.rule(v))
	}
	into.lists[name] = addRules(nil, rules)
	if len(rules) == 0 {
		into.given[name] = d.rule(&value{at: at})
	}
}

// pairs decodes a map that is written out.
func (d *decoder) pairs(a attribute, name string, pairs []hashi.KeyValuePair, ctx *hashi.EvalContext, into *settings) {
	into.lists[name] = []rule{}
	for _, p := range pairs {
		key, keyKnown := d.evaluate(p.Key, ctx)
		v, valueKnown := d.evaluate(p.Value, ctx)
		if keyKnown && valueKnown {
			d.pair(a, name, key, v, p.Key.Range(), p.Value.Range(), into)
		}
	}
}

// pair decodes one name = value.
func (d *decoder) pair(a attribute, name string, key, v cty.Value, keyAt, at hashi.Range, into *settings) {
	keys := variableName
	if a.shape == grouped {
		keys = errorName
	}
	k := d.element(keys, key, keyAt)
	if k == nil {
		return
	}
	if a.shape == grouped {
		d.group(a, name, k.text, v, keyAt, at, into)
		return
	}
	if v.IsKnown() && v.IsNull() {
		d.report(at, "null is no value here", fmt.Sprintf("write %s, like %s; what a parent sets is taken out with remove { %s = [%q] }", a.of.noun, a.of.example, a.name, k.text))
		return
	}
	if before, first := d.first(name, k.text, keyAt); !first {
		d.report(keyAt, fmt.Sprintf("%s is written twice", k.text), fmt.Sprintf("the first is in line %d; leave one out", before.Start.Line))
		return
	}
	if decoded := d.element(a.of, v, at); decoded != nil {
		decoded.key = k.text
		decoded.at = keyAt
		into.lists[name] = append(into.lists[name], d.rule(decoded))
	}
}

// group decodes NAME = [values], whose names are those of errors.
func (d *decoder) group(a attribute, name, group string, v cty.Value, keyAt, at hashi.Range, into *settings) {
	t := v.Type()
	if v.IsNull() || !t.IsTupleType() && !t.IsListType() && !t.IsSetType() {
		d.report(at, "wrong type", fmt.Sprintf("write %s = [%s]", group, a.of.example))
		return
	}
	var rules []rule
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		if decoded := d.element(a.of, element, at); decoded != nil {
			decoded.group = group
			decoded.key = group + " " + decoded.text
			rules = append(rules, d.rule(decoded))
		}
	}
	into.lists[name] = addRules(into.lists[name], rules)
}
