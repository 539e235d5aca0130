package hcl

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every diagnostic that this package can give stands in one of the golden files:
// the summaries are read out of the source, so that a new one without an example
// fails here.
func TestEveryDiagnosticHasAGoldenTest(t *testing.T) {
	shown := shownSummaries(t)
	for summary, place := range summariesInSource(t) {
		if faults[summary] {
			continue
		}
		pattern := regexp.MustCompile("^" + summary + "$")
		found := false
		for s := range shown {
			found = found || pattern.MatchString(s)
		}
		if !found {
			t.Errorf("%s: no golden file shows %s", place, summary)
		}
	}
}

// faults are what only a fault of husk's own can lead to: no profile does.
var faults = map[string]bool{
	"not JSON":                        true, // the parser of the HCL library took it
	"cannot list the library":         true,
	"cannot read the library":         true,
	"cannot format this file":         true, // the layout changed a token
	"cannot evaluate this expression": true, // a panic of the HCL library
	"damaged anchor":                  true, // a function took a token apart
	"the project's file permits more": true, // the parts were judged wrongly
}

// shownSummaries are the first lines of all diagnostics in the golden files.
func shownSummaries(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	shown := make(map[string]bool)
	first := regexp.MustCompile(`(?m)^husk: (?:error|warning): (.*)$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range first.FindAllStringSubmatch(string(text), -1) {
			shown[m[1]] = true
		}
	}
	return shown
}

// reporters are the functions that take a summary, with the number of the
// argument.
var reporters = map[string]int{
	"report": 1, "warn": 1, "problem": 1, "caution": 1, "tooMuch": 1, "unplaced": 0,
}

// summariesInSource gives patterns of summaries with the places they stand at.
func summariesInSource(t *testing.T) map[string]string {
	t.Helper()
	fset := token.NewFileSet()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	note := func(e ast.Expr) {
		if pattern, ok := patternOf(e); ok {
			found[pattern] = fset.Position(e.Pos()).String()
		}
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if i, ok := reporters[calledName(n)]; ok && len(n.Args) > i {
					note(n.Args[i])
				}
			case *ast.FuncDecl:
				noteReturns(n.Type, n.Body, note)
			case *ast.FuncLit:
				noteReturns(n.Type, n.Body, note)
			}
			return true
		})
	}
	if len(found) < 100 {
		t.Fatalf("only %d summaries were found in the source", len(found))
	}
	return found
}

func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// noteReturns looks at functions that end in (summary, detail string): the
// checks of single values.
func noteReturns(of *ast.FuncType, body *ast.BlockStmt, note func(ast.Expr)) {
	results := 0
	if of.Results == nil || body == nil {
		return
	}
	for _, field := range of.Results.List {
		if kind, ok := field.Type.(*ast.Ident); ok && kind.Name == "string" {
			results += max(len(field.Names), 1)
		} else {
			results = 0
		}
	}
	if results < 2 {
		return
	}
	ast.Inspect(body, func(n ast.Node) bool {
		if _, inner := n.(*ast.FuncLit); inner {
			return false
		}
		if r, ok := n.(*ast.ReturnStmt); ok && len(r.Results) >= 2 {
			note(r.Results[len(r.Results)-2])
		}
		return true
	})
}

// patternOf gives a regular expression for what an expression that begins with
// literal text can become; false for an empty text and for anything else.
func patternOf(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return regexp.QuoteMeta(text), err == nil && text != ""
	case *ast.BinaryExpr:
		left, leftOK := patternOf(e.X)
		right, rightOK := patternOf(e.Y)
		if !leftOK {
			left = ".*"
		}
		if !rightOK {
			right = ".*"
		}
		return left + right, leftOK || rightOK
	case *ast.CallExpr:
		if calledName(e) == "Sprintf" {
			format, ok := patternOf(e.Args[0])
			return regexp.MustCompile(`%[a-z]`).ReplaceAllString(format, ".*"), ok
		}
	}
	return "", false
}
