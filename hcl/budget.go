package hcl

import (
	hashi "github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// The budget bounds the work of evaluation: a few lines of nested
// for-expressions, or locals that double each other, could otherwise take
// hours or all memory. A unit is about a byte of a string.
const (
	budgetBase    = 8 << 20  // units of one load
	budgetPerFile = 32 << 10 // units more for each file; an ordinary profile takes 600
	stepCost      = 16       // units of one evaluation or one element
)

// budget is what evaluation may still cost, in units.
type budget struct{ left int }

// exhausted is the panic by which an evaluation in the depth of the HCL
// library is ended; [evaluate] recovers it.
type exhausted struct{}

// take takes n units and reports whether they were there.
func (b *budget) take(n int) bool {
	if n < 0 || n > b.left {
		b.left = -1
	}
	if b.left < 0 {
		return false
	}
	b.left -= n
	return true
}

// charge is take where there is no way to return an error.
func (b *budget) charge(n int) {
	if !b.take(n) {
		panic(exhausted{})
	}
}

// measure gives the size of a value in units, or something above limit.
func measure(v cty.Value, limit int) int {
	if !v.IsKnown() || v.IsNull() {
		return stepCost
	}
	t := v.Type()
	switch {
	case t == cty.String:
		return stepCost + len(v.AsString())
	case t.IsPrimitiveType() || t.IsCapsuleType() || !v.CanIterateElements():
		return stepCost
	}
	size := stepCost
	for it := v.ElementIterator(); it.Next() && size <= limit; {
		_, element := it.Element()
		size += measure(element, limit-size)
	}
	return size
}

// metered is an expression whose every evaluation is charged.
type metered struct {
	hclsyntax.Expression
	budget *budget
}

// Value evaluates the expression and charges the size of the result.
func (m metered) Value(ctx *hashi.EvalContext) (cty.Value, hashi.Diagnostics) {
	m.budget.charge(stepCost)
	v, diags := m.Expression.Value(ctx)
	m.budget.charge(measure(v, m.budget.left))
	return v, diags
}

// UnwrapExpression lets static analysis see the expression itself.
func (m metered) UnwrapExpression() hashi.Expression { return m.Expression }

// meter makes every reference and every turn of a for-expression in e cost:
// these are the only places where evaluation can multiply (functions are
// charged in functions.go). Variables of e must be asked for before, since a
// metered reference is hidden from that walk.
func meter(e hclsyntax.Expression, b *budget) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return metered{e, b}
	case *hclsyntax.ForExpr:
		meterFor(e, b)
	case *hclsyntax.TemplateExpr:
		meterAll(e.Parts, b)
	case *hclsyntax.TemplateJoinExpr:
		e.Tuple = meter(e.Tuple, b)
	case *hclsyntax.TemplateWrapExpr:
		e.Wrapped = meter(e.Wrapped, b)
	case *hclsyntax.TupleConsExpr:
		meterAll(e.Exprs, b)
	case *hclsyntax.ObjectConsExpr:
		for i := range e.Items {
			e.Items[i].KeyExpr = meter(e.Items[i].KeyExpr, b)
			e.Items[i].ValueExpr = meter(e.Items[i].ValueExpr, b)
		}
	case *hclsyntax.ObjectConsKeyExpr:
		// A bare word is a key, not a reference.
		if _, word := e.Wrapped.(*hclsyntax.ScopeTraversalExpr); !word {
			e.Wrapped = meter(e.Wrapped, b)
		}
	case *hclsyntax.FunctionCallExpr:
		meterAll(e.Args, b)
	case *hclsyntax.ConditionalExpr:
		e.Condition, e.TrueResult, e.FalseResult = meter(e.Condition, b), meter(e.TrueResult, b), meter(e.FalseResult, b)
	case *hclsyntax.IndexExpr:
		e.Collection, e.Key = meter(e.Collection, b), meter(e.Key, b)
	case *hclsyntax.SplatExpr:
		e.Source, e.Each = meter(e.Source, b), meter(e.Each, b)
	case *hclsyntax.BinaryOpExpr:
		e.LHS, e.RHS = meter(e.LHS, b), meter(e.RHS, b)
	case *hclsyntax.UnaryOpExpr:
		e.Val = meter(e.Val, b)
	case *hclsyntax.ParenthesesExpr:
		e.Expression = meter(e.Expression, b)
	case *hclsyntax.RelativeTraversalExpr:
		e.Source = meter(e.Source, b)
	}
	return e
}

func meterAll(all []hclsyntax.Expression, b *budget) {
	for i := range all {
		all[i] = meter(all[i], b)
	}
}

func meterFor(e *hclsyntax.ForExpr, b *budget) {
	if _, done := e.ValExpr.(metered); done {
		return
	}
	e.CollExpr = meter(e.CollExpr, b)
	e.ValExpr = metered{meter(e.ValExpr, b), b}
	if e.KeyExpr != nil {
		e.KeyExpr = metered{meter(e.KeyExpr, b), b}
	}
	if e.CondExpr != nil {
		e.CondExpr = metered{meter(e.CondExpr, b), b}
	}
}
