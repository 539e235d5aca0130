package hcl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	src, err := os.ReadFile("testdata/format/messy.hcl")
	if err != nil {
		t.Fatal(err)
	}
	got, d := Format(src, "messy.hcl")
	if d.HasErrors() {
		t.Fatal(d.List)
	}
	golden(t, "testdata/format/messy.txt", got)
}

// Files that are laid out well stay as they are.
func TestFormatKeepsWhatIsFine(t *testing.T) {
	files, err := filepath.Glob("library/*.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal("no library", err)
	}
	for _, file := range append(files, "testdata/equal/every.hcl", "testdata/format/messy.txt") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		got, d := Format(src, strings.TrimSuffix(file, ".txt"))
		if d.HasErrors() || string(got) != string(src) {
			t.Errorf("%s would be changed to:\n%s\n%v", file, got, d.List)
		}
	}
}

func TestFormatRefusesBrokenText(t *testing.T) {
	for name, src := range map[string]string{"x.hcl": "profile \"a\" {", "x.hcl.json": `{"a": }`} {
		if got, d := Format([]byte(src), name); got != nil || !d.HasErrors() {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestFormatJSON(t *testing.T) {
	got, d := Format([]byte(`{"profile":{"a":{"home":{"mode":"host"}}}}`), "x.hcl.json")
	want := "{\n  \"profile\": {\n    \"a\": {\n      \"home\": {\n        \"mode\": \"host\"\n      }\n    }\n  }\n}\n"
	if d.HasErrors() || string(got) != want {
		t.Errorf("%s %v", got, d.List)
	}
}
