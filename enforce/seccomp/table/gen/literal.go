package main

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
)

// constantsOf lists the constants of one Go file.
func constantsOf(file string) ([]named, error) {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []named
	for _, decl := range f.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			vs := spec.(*ast.ValueSpec)
			for i, id := range vs.Names {
				if i >= len(vs.Values) {
					continue
				}
				if typ, v := literal(vs.Values[i]); v != nil {
					out = append(out, named{id.Name, typ, v})
				}
			}
		}
	}
	return out, nil
}

// named is one constant of a Go file.
type named struct {
	name  string
	typ   string // "", "syscall.Errno" or "syscall.Signal"
	value constant.Value
}

// literal evaluates what the generated files of x/sys contain: a literal, a
// negative one, or a conversion of one.
func literal(e ast.Expr) (typ string, v constant.Value) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return "", constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.UnaryExpr:
		_, x := literal(e.X)
		if x == nil || x.Kind() != constant.Int {
			return "", nil
		}
		return "", constant.UnaryOp(e.Op, x, 0)
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok || len(e.Args) != 1 {
			return "", nil
		}
		_, x := literal(e.Args[0])
		return "syscall." + sel.Sel.Name, x
	}
	return "", nil
}
