package hcl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestDiagnosticsJSON(t *testing.T) {
	p, _ := Load(testOptions(writeFiles(t, map[string]string{"a.hcl": "profile \"a\" {\n  home { mode = \"privat\" }\n  inherits = [\"bsae\"]\n}\n"})))
	src, err := DiagnosticsJSON(p.Check())
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Version, Errors, Warnings int
		Diagnostics               []struct {
			Severity, Summary, Detail, File string
			Range                           struct {
				Start, End struct{ Line, Column, Byte int }
			}
		}
	}
	if err := json.Unmarshal(src, &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != 1 || got.Errors != 2 || got.Warnings != 0 || len(got.Diagnostics) != 2 {
		t.Fatalf("%s", src)
	}
	first := got.Diagnostics[0]
	if first.Severity != "error" || first.Range.Start.Line != 2 || first.Range.Start.Column != 17 || first.Range.Start.Byte != 30 ||
		first.Range.End.Column != 25 || !strings.HasSuffix(first.File, "a.hcl") {
		t.Errorf("%+v", first)
	}
	empty, err := DiagnosticsJSON(Diagnostics{})
	if err != nil || !strings.Contains(string(empty), `"diagnostics": []`) {
		t.Errorf("%s %v", empty, err)
	}
}

// A profile's text cannot control the terminal that it is shown on.
func TestTextIsHarmless(t *testing.T) {
	p, _ := Load(testOptions(writeFiles(t, map[string]string{
		"a.hcl": "profile \"a\" {\n  home { mode = \"\x1b[2J\\u001b]0;x\\u0007\u202e\" }\n}\n",
	})))
	var out bytes.Buffer
	if err := WriteDiagnostics(&out, p.Check(), false, 80); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\u202e") || !strings.Contains(out.String(), "unknown value") {
		t.Errorf("%q", out.String())
	}
}

func TestColourAndWidth(t *testing.T) {
	p, _ := Load(testOptions(writeFiles(t, map[string]string{
		"a.hcl": "profile \"a\" {\n\thome { mode = \"privat\" } # " + strings.Repeat("long ", 100) + "\n}\n",
	})))
	d := p.Check()
	d.List[0].Subject.Filename = "a.hcl"
	var plain, coloured bytes.Buffer
	d.Sources["a.hcl"] = d.Sources[sortedKeys(d.Sources)[len(d.Sources)-1]]
	for _, src := range d.Sources {
		if strings.Contains(string(src), "privat\"") {
			d.Sources["a.hcl"] = src
		}
	}
	if err := WriteDiagnostics(&plain, d, false, 60); err != nil {
		t.Fatal(err)
	}
	if err := WriteDiagnostics(&coloured, d, true, 60); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(coloured.String(), "\x1b[1;31merror\x1b[0m") {
		t.Error("colour where none is wanted, or none where it is")
	}
	for _, line := range strings.Split(plain.String(), "\n") {
		if len(line) > 60 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	if !strings.Contains(plain.String(), "\t              ^^^^^^^^") {
		t.Errorf("the mark is not under the word:\n%s", plain.String())
	}
}

func TestAnd(t *testing.T) {
	p, d := Load(testOptions(writeFiles(t, map[string]string{"a.hcl": "profile \"a\" {\n  x = 1\n}\nprofil {}\n"})))
	all := d.And(p.Check()).And(p.Check())
	if len(d.List) != 1 || len(all.List) != 2 || all.Errors() != 2 || all.Warnings() != 0 {
		t.Error(d.List, all.List)
	}
}
