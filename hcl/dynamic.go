package hcl

import (
	"fmt"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// dynamicSchema is a dynamic block, as in Terraform: it writes one block for
// each element of a collection.
var dynamicSchema = &hashi.BodySchema{
	Attributes: []hashi.AttributeSchema{{Name: "for_each", Required: true}, {Name: "iterator"}, {Name: "labels"}},
	Blocks:     []hashi.BlockHeaderSchema{{Type: "content"}},
}

// dynamic decodes a dynamic block: its content once for each element.
func (d *decoder) dynamic(in *block, dyn *hashi.Block, ctx *hashi.EvalContext, into *settings, prefix string) {
	b := in.block(dyn.Labels[0])
	if b == nil {
		var names []string
		for _, inner := range in.blocks {
			names = append(names, inner.name)
		}
		d.report(dyn.LabelRanges[0], fmt.Sprintf("unknown block %q in %s", dyn.Labels[0], in.name),
			"a dynamic block may write "+oneOf(names)+DidYouMean(dyn.Labels[0], names))
		return
	}
	content, diags := dyn.Body.Content(dynamicSchema)
	d.diags = append(d.diags, diags...)
	each, ok := content.Attributes["for_each"]
	if !ok {
		return
	}
	if len(content.Blocks) != 1 {
		d.report(dyn.DefRange, "dynamic block without one content block", "write content { … } with what each block holds, once")
		return
	}
	iterator, ok := d.iterator(content.Attributes["iterator"], b.name)
	if !ok {
		return
	}
	elements, ok := d.evaluate(each.Expr, ctx)
	if !ok {
		return
	}
	if elements.IsNull() || !elements.CanIterateElements() {
		d.report(each.Expr.Range(), "wrong type", fmt.Sprintf("for_each takes a list, set or map; here stands %s", kindOf(elements)))
		return
	}
	for it := elements.ElementIterator(); it.Next(); {
		if !d.budget.take(stepCost) {
			d.diags = append(d.diags, tooMuch(each.Expr.Range(), "too much work", "make the list of for_each shorter")...)
			return
		}
		key, element := it.Element()
		if elements.Type().IsSetType() {
			key = element
		}
		inner := ctx.NewChild()
		inner.Variables = map[string]cty.Value{iterator: cty.ObjectVal(map[string]cty.Value{"key": key, "value": element})}
		label := func() (hclsyntax.Expression, hashi.Diagnostics) {
			return d.dynamicLabel(b, dyn, content.Attributes["labels"], inner)
		}
		d.block(b, content.Blocks[0].Body, content.Blocks[0].DefRange, label, inner, into, prefix)
	}
}

// iterator gives the name by which the content refers to the element.
func (d *decoder) iterator(attr *hashi.Attribute, fallback string) (string, bool) {
	if attr == nil {
		return fallback, true
	}
	name := hashi.ExprAsKeyword(attr.Expr)
	if name == "" {
		d.report(attr.Expr.Range(), "not a name", "iterator takes a bare word, like iterator = host")
		return "", false
	}
	return name, true
}

// dynamicLabel gives the label of one generated block.
func (d *decoder) dynamicLabel(b *block, dyn *hashi.Block, attr *hashi.Attribute, ctx *hashi.EvalContext) (hclsyntax.Expression, hashi.Diagnostics) {
	nothing := literalValue(cty.DynamicVal, dyn.DefRange)
	if attr == nil {
		return nothing, hashi.Diagnostics{problem(dyn.DefRange, "missing attribute",
			fmt.Sprintf("a %s block has a label; write labels = [%s.value]", b.name, b.name))}
	}
	v, ok := d.evaluate(attr.Expr, ctx)
	if !ok {
		return nothing, nil
	}
	if v.IsNull() || !v.CanIterateElements() || v.LengthInt() != 1 {
		return nothing, hashi.Diagnostics{problem(attr.Expr.Range(), "wrong number of labels",
			fmt.Sprintf("a %s block has one label; write labels = [%s.value]", b.name, b.name))}
	}
	it := v.ElementIterator()
	it.Next()
	_, label := it.Element()
	return literalValue(label, attr.Expr.Range()), nil
}
