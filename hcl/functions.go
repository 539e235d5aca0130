package hcl

import (
	"errors"
	"regexp"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pureFunction is a function of go-cty's standard library.
type pureFunction struct {
	impl function.Function
	// text says that the function looks at the characters of a string, which
	// an anchor doesn't have yet.
	text bool
	// cost gives what a call costs above the size of its arguments; nil
	// where that is all.
	cost func(args []cty.Value) int
}

// pureFunctions are the functions of the language. Nothing in it reads a file,
// the environment or the clock.
var pureFunctions = map[string]pureFunction{
	"abs":                    {impl: stdlib.AbsoluteFunc},
	"ceil":                   {impl: stdlib.CeilFunc},
	"chomp":                  {impl: stdlib.ChompFunc, text: true},
	"chunklist":              {impl: stdlib.ChunklistFunc},
	"coalesce":               {impl: stdlib.CoalesceFunc},
	"coalescelist":           {impl: stdlib.CoalesceListFunc},
	"compact":                {impl: stdlib.CompactFunc},
	"concat":                 {impl: stdlib.ConcatFunc},
	"contains":               {impl: stdlib.ContainsFunc},
	"csvdecode":              {impl: stdlib.CSVDecodeFunc, text: true},
	"distinct":               {impl: stdlib.DistinctFunc, cost: square},
	"element":                {impl: stdlib.ElementFunc},
	"flatten":                {impl: stdlib.FlattenFunc},
	"floor":                  {impl: stdlib.FloorFunc},
	"format":                 {impl: stdlib.FormatFunc, cost: formatCost},
	"formatdate":             {impl: stdlib.FormatDateFunc, text: true},
	"formatlist":             {impl: stdlib.FormatListFunc, cost: product},
	"indent":                 {impl: stdlib.IndentFunc, text: true, cost: indentCost},
	"index":                  {impl: stdlib.IndexFunc},
	"int":                    {impl: stdlib.IntFunc},
	"join":                   {impl: stdlib.JoinFunc, cost: product},
	"jsondecode":             {impl: stdlib.JSONDecodeFunc, text: true},
	"jsonencode":             {impl: stdlib.JSONEncodeFunc, text: true},
	"keys":                   {impl: stdlib.KeysFunc},
	"length":                 {impl: stdlib.LengthFunc},
	"log":                    {impl: stdlib.LogFunc},
	"lookup":                 {impl: stdlib.LookupFunc},
	"lower":                  {impl: stdlib.LowerFunc, text: true},
	"max":                    {impl: stdlib.MaxFunc},
	"merge":                  {impl: stdlib.MergeFunc},
	"min":                    {impl: stdlib.MinFunc},
	"parseint":               {impl: stdlib.ParseIntFunc, text: true, cost: square},
	"pow":                    {impl: stdlib.PowFunc},
	"range":                  {impl: stdlib.RangeFunc},
	"regex":                  {impl: stdlib.RegexFunc, text: true, cost: regexCost},
	"regexall":               {impl: stdlib.RegexAllFunc, text: true, cost: regexCost},
	"regexreplace":           {impl: stdlib.RegexReplaceFunc, text: true, cost: regexCost},
	"replace":                {impl: stdlib.ReplaceFunc, text: true, cost: product},
	"reverse":                {impl: stdlib.ReverseListFunc},
	"setintersection":        {impl: stdlib.SetIntersectionFunc},
	"setproduct":             {impl: stdlib.SetProductFunc, cost: product},
	"setsubtract":            {impl: stdlib.SetSubtractFunc},
	"setsymmetricdifference": {impl: stdlib.SetSymmetricDifferenceFunc},
	"setunion":               {impl: stdlib.SetUnionFunc},
	"signum":                 {impl: stdlib.SignumFunc},
	"slice":                  {impl: stdlib.SliceFunc},
	"sort":                   {impl: stdlib.SortFunc},
	"split":                  {impl: stdlib.SplitFunc, text: true},
	"strlen":                 {impl: stdlib.StrlenFunc, text: true},
	"strrev":                 {impl: stdlib.ReverseFunc, text: true},
	"substr":                 {impl: stdlib.SubstrFunc, text: true},
	"timeadd":                {impl: stdlib.TimeAddFunc, text: true},
	"title":                  {impl: stdlib.TitleFunc, text: true},
	"tobool":                 {impl: stdlib.MakeToFunc(cty.Bool), text: true},
	"tolist":                 {impl: stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType))},
	"tomap":                  {impl: stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType))},
	"tonumber":               {impl: stdlib.MakeToFunc(cty.Number), text: true},
	"toset":                  {impl: stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType))},
	"tostring":               {impl: stdlib.MakeToFunc(cty.String)},
	"trim":                   {impl: stdlib.TrimFunc, text: true, cost: product},
	"trimprefix":             {impl: stdlib.TrimPrefixFunc, text: true},
	"trimspace":              {impl: stdlib.TrimSpaceFunc, text: true},
	"trimsuffix":             {impl: stdlib.TrimSuffixFunc, text: true},
	"upper":                  {impl: stdlib.UpperFunc, text: true},
	"values":                 {impl: stdlib.ValuesFunc},
	"zipmap":                 {impl: stdlib.ZipmapFunc},
}

// impureFunctions are known from other HCL tools and missing here, each with
// the reason.
var impureFunctions = map[string]string{
	"abspath":       "paths are resolved when the program starts; write ${cwd}/x or ${project}/x",
	"file":          "a profile reads no files; put the text into the profile or into a variable",
	"fileexists":    "a profile reads no files; a path that does not exist is skipped by itself, and required(path) insists on it",
	"fileset":       "a profile reads no directories; grant the directory itself",
	"filebase64":    "a profile reads no files",
	"filemd5":       `a profile reads no files; "husk trust" and verify blocks pin digests that are written down`,
	"filesha512":    `a profile reads no files; "husk trust" and verify blocks pin digests that are written down`,
	"plantimestamp": "a profile means the same at any time; there is no clock",
	"bcrypt":        "a profile means the same every time; there are no random values",
	"filesha256":    `a profile reads no files; "husk trust" and verify blocks pin digests that are written down`,
	"getenv":        `write env("NAME") at the head of a path; elsewhere use a variable and HUSK_VAR_name`,
	"pathexpand":    "write ~/x or ${home}/x, which is resolved when the program starts",
	"templatefile":  "a profile reads no files; write the template into the profile",
	"timestamp":     "a profile means the same at any time; there is no clock",
	"uuid":          "a profile means the same every time; there are no random values",
}

var (
	errTooMuchWork = errors.New("this takes more work than a profile may cost; make the lists or strings smaller")
	errAnchorText  = errors.New(`an anchor has no text before the program starts; put it at the head of a path, like "${home}/x"`)
)

// functionsFor gives the functions of one load.
func functionsFor(a anchors, b *budget) map[string]function.Function {
	all := make(map[string]function.Function, len(pureFunctions)+len(impureFunctions)+2)
	for name, f := range pureFunctions {
		all[name] = bounded(f, b)
	}
	for name, why := range impureFunctions {
		all[name] = refused(why)
	}
	all["required"] = markFunction(a, tokenRequired)
	all["create"] = markFunction(a, tokenCreate)
	all["env"] = envFunction(a)
	return all
}

// bounded gives f with its costs charged and anchors kept whole.
func bounded(f pureFunction, b *budget) function.Function {
	return function.New(&function.Spec{
		Params:   f.impl.Params(),
		VarParam: f.impl.VarParam(),
		Type: func(args []cty.Value) (cty.Type, error) {
			if f.text && holdsTokenAnywhere(args, b) {
				return cty.DynamicPseudoType, errAnchorText
			}
			if !b.take(callCost(f, args, b.left)) {
				return cty.DynamicPseudoType, errTooMuchWork
			}
			return f.impl.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, err := f.impl.Call(args)
			if err == nil && !b.take(measure(v, b.left)) {
				return cty.DynamicVal, errTooMuchWork
			}
			return v, err
		},
	})
}

func callCost(f pureFunction, args []cty.Value, limit int) int {
	cost := stepCost
	for _, a := range args {
		if cost += measure(a, limit); cost > limit {
			return cost
		}
	}
	if f.cost != nil {
		cost += f.cost(args)
	}
	return cost
}

func holdsTokenAnywhere(args []cty.Value, b *budget) bool {
	found := false
	for _, a := range args {
		if measure(a, b.left) > b.left {
			return false // refused for its cost just after
		}
		// The callback never fails, so neither does the walk.
		_ = cty.Walk(a, func(_ cty.Path, v cty.Value) (bool, error) {
			if v.IsKnown() && !v.IsNull() && v.Type() == cty.String && holdsToken(v.AsString()) {
				found = true
			}
			return !found, nil
		})
	}
	return found
}

// costLimit is more than any budget has.
const costLimit = 1 << 40

// product is for functions whose result grows with the product of their
// arguments' sizes (the cost of a regular expression does as well).
func product(args []cty.Value) int {
	cost := 1
	for _, a := range args {
		size := max(measure(a, costLimit)/stepCost, 1)
		if t := a.Type(); t == cty.String {
			size = max(measure(a, costLimit)-stepCost, 1)
		}
		if cost > costLimit/size {
			return costLimit
		}
		cost *= size
	}
	return cost
}

// regexCost: matching takes time in proportion to both lengths, and more for
// each character than copying does.
func regexCost(args []cty.Value) int { return min(8*product(args), costLimit) }

// square is for functions that compare every element with every other.
func square(args []cty.Value) int {
	n := 1
	for _, a := range args {
		n = max(n, measure(a, costLimit)/stepCost)
	}
	if n > 1<<12 {
		return costLimit
	}
	return n * n
}

// indentCost: the indentation is added to each line.
func indentCost(args []cty.Value) int {
	if len(args) != 2 || !args[0].IsKnown() || args[0].IsNull() {
		return stepCost
	}
	spaces, _ := args[0].AsBigFloat().Int64()
	if spaces < 0 || spaces > 1000 {
		return costLimit
	}
	return int(spaces) * measure(args[1], costLimit) / 4
}

var wideVerb = lazily(`%[^A-Za-z%]*[0-9]{4}`)

// formatCost: a width in the format can make a long string of nothing.
func formatCost(args []cty.Value) int {
	if len(args) == 0 || !args[0].IsKnown() || args[0].IsNull() || args[0].Type() != cty.String {
		return stepCost
	}
	s := args[0].AsString()
	if wideVerb().MatchString(s) || len(s) > 1<<14 {
		return costLimit
	}
	return 1000 * len(regexp.MustCompile(`%[^A-Za-z%]*[0-9]`).FindAllString(s, -1))
}

// noSuchFunction begins the error of a function that isn't there.
const noSuchFunction = "there is no such function: "

// refused is a function that always fails with the reason why it isn't there.
func refused(why string) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type: func([]cty.Value) (cty.Type, error) {
			return cty.DynamicPseudoType, errors.New(noSuchFunction + why)
		},
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.DynamicVal, errors.New(why) },
	})
}

// markFunction is required(path), the path marked so that it is an error when
// it doesn't exist, or create(path), the path marked so that it is made then.
func markFunction(a anchors, mark string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(a.token(mark) + args[0].AsString()), nil
		},
	})
}

var envName = lazily(`^[A-Za-z_][A-Za-z0-9_]*$`)

// envFunction is env("NAME"): the path that a variable names at run time.
func envFunction(a anchors) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "name", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			name := args[0].AsString()
			if !envName().MatchString(name) {
				return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "%q is no name of an environment variable", readable(name))
			}
			return cty.StringVal(a.token(tokenEnv + name)), nil
		},
	})
}
