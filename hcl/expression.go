package hcl

import (
	"fmt"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// native gives an expression of either syntax as one of the native syntax, so
// that everything after this is written once. The strings and keys of the JSON
// form are templates, its arrays tuples and its objects objects.
func native(e hashi.Expression) (hclsyntax.Expression, hashi.Diagnostics) {
	if n, ok := e.(hclsyntax.Expression); ok {
		return n, nil
	}
	if elements, diags := hashi.ExprList(e); !diags.HasErrors() {
		return nativeTuple(e, elements)
	}
	if pairs, diags := hashi.ExprMap(e); !diags.HasErrors() {
		return nativeObject(e, pairs)
	}
	// Without a context, the JSON form gives a string as it is written.
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return literalValue(cty.DynamicVal, e.Range()), diags
	}
	if v.Type() == cty.String && !v.IsNull() {
		return parseTemplate(v.AsString(), e.Range())
	}
	return literalValue(v, e.Range()), nil
}

func nativeTuple(e hashi.Expression, elements []hashi.Expression) (hclsyntax.Expression, hashi.Diagnostics) {
	tuple := &hclsyntax.TupleConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
	var diags hashi.Diagnostics
	for _, element := range elements {
		n, more := native(element)
		diags = append(diags, more...)
		tuple.Exprs = append(tuple.Exprs, n)
	}
	return tuple, diags
}

func nativeObject(e hashi.Expression, pairs []hashi.KeyValuePair) (hclsyntax.Expression, hashi.Diagnostics) {
	object := &hclsyntax.ObjectConsExpr{SrcRange: e.Range(), OpenRange: e.StartRange()}
	var diags hashi.Diagnostics
	for _, pair := range pairs {
		key, more := native(pair.Key)
		diags = append(diags, more...)
		value, more := native(pair.Value)
		diags = append(diags, more...)
		object.Items = append(object.Items, hclsyntax.ObjectConsItem{
			KeyExpr:   &hclsyntax.ObjectConsKeyExpr{Wrapped: key, ForceNonLiteral: true},
			ValueExpr: value,
		})
	}
	return object, diags
}

// parseTemplate parses a string of the JSON form; at includes its quotes.
func parseTemplate(s string, at hashi.Range) (hclsyntax.Expression, hashi.Diagnostics) {
	if !strings.Contains(s, "${") && !strings.Contains(s, "%{") {
		return literal(s, at), nil
	}
	start := at.Start
	start.Byte++
	start.Column++
	if diags := checkTemplate([]byte(s), at.Filename, start); diags.HasErrors() {
		return literalValue(cty.DynamicVal, at), diags
	}
	e, diags := hclsyntax.ParseTemplate([]byte(s), at.Filename, start)
	if diags.HasErrors() {
		return literalValue(cty.DynamicVal, at), diags
	}
	return e, nil
}

func literal(s string, at hashi.Range) hclsyntax.Expression {
	return literalValue(cty.StringVal(s), at)
}

func literalValue(v cty.Value, at hashi.Range) hclsyntax.Expression {
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: at}
}

// prepared is an expression that is ready to be evaluated any number of times.
type prepared struct {
	hclsyntax.Expression
	references []hashi.Traversal
}

// prepare makes an expression ready: its references are noted, then metered.
func prepare(e hashi.Expression, b *budget) (prepared, hashi.Diagnostics) {
	n, diags := native(e)
	p := prepared{references: n.Variables()}
	p.Expression = meter(n, b)
	return p, diags
}

// evaluate evaluates a prepared expression. The value of one with an error is
// unknown. A panic of the library is an error of the profile that causes it:
// nothing of such a profile comes into effect.
func evaluate(e hashi.Expression, ctx *hashi.EvalContext) (v cty.Value, diags hashi.Diagnostics) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case exhausted:
			v, diags = cty.DynamicVal, tooMuch(e.Range(), "too much work",
				"evaluating the profiles takes more work than they may cost; make lists, strings or nested for-expressions smaller")
		default:
			v, diags = cty.DynamicVal, hashi.Diagnostics{problem(e.Range(), "cannot evaluate this expression",
				fmt.Sprintf("the evaluator failed (%v); write it in a simpler way", r))}
		}
	}()
	v, diags = e.Value(ctx)
	if diags.HasErrors() {
		return cty.DynamicVal, suggestFunctions(diags)
	}
	return v, diags
}

// suggestFunctions adds what was meant to errors about unknown functions.
func suggestFunctions(diags hashi.Diagnostics) hashi.Diagnostics {
	for i, d := range diags {
		if name, ok := quotedName(d.Detail); ok && d.Summary == "Call to unknown function" {
			diags[i] = problem(*d.Subject, fmt.Sprintf("unknown function %q", name),
				"docs/language.md lists the functions"+DidYouMean(name, sortedKeys(pureFunctions)))
		}
	}
	return diags
}
