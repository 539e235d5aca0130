package hcl

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

const reference = "../docs/language.md"

// The reference of blocks and functions in docs/language.md is what the tables
// of the language say; go test -update writes it anew.
func TestReferenceIsUpToDate(t *testing.T) {
	src, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for name, content := range map[string]string{"blocks": blocksReference(), "functions": functionsReference()} {
		begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
		before, rest, ok := strings.Cut(text, begin)
		_, after, ended := strings.Cut(rest, end)
		if !ok || !ended {
			t.Fatalf("%s has no part %q", reference, name)
		}
		text = before + begin + "\n" + content + "\n" + end + after
	}
	golden(t, reference, []byte(text))
}

func blocksReference() string {
	var out strings.Builder
	describe(&out, profileLanguage, "")
	return strings.TrimRight(out.String(), "\n") + "\n"
}

// describe writes the section of a block and of those inside it.
func describe(out *strings.Builder, b *block, outer string) {
	name := strings.TrimSpace(outer + " " + b.name)
	title := "`" + name + "`"
	if b.label != "" {
		title = "`" + name + " \"" + strings.ToUpper(b.label) + "\"`"
	}
	fmt.Fprintf(out, "### %s\n\n%s\n\n", title, b.doc)
	if b.label != "" && b.name != "profile" {
		fmt.Fprintf(out, "The label is %s.\n\n", b.labelOf.noun)
	}
	out.WriteString("| attribute | value | default | with parents | |\n|---|---|---|---|---|\n")
	for _, a := range b.attributes {
		fallback := a.fallback
		if a.required {
			fallback = "required"
		}
		if fallback != "" && (strings.HasPrefix(fallback, `"`) || strings.HasPrefix(fallback, "[") || strings.HasPrefix(fallback, "{")) {
			fallback = "`" + fallback + "`"
		}
		merge := merging[a.shape]
		if a.own || b.own {
			merge = "not inherited"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s | %s |\n", a.name, valueOf(a), fallback, merge, a.doc)
	}
	fmt.Fprintf(out, "\n```hcl\n%s\n```\n\n", strings.TrimSpace(b.example))
	for _, inner := range b.blocks {
		prefix := name
		if b == profileLanguage {
			prefix = ""
		}
		describe(out, inner, prefix)
	}
}

// valueOf names what an attribute takes.
func valueOf(a attribute) string {
	noun := a.of.noun
	if len(a.of.words) > 0 {
		noun = "`" + strings.Join(a.of.words, "`, `") + "`"
	}
	switch a.shape {
	case list:
		return "list of: " + noun
	case sequence:
		return "list, in order, of: " + noun
	case mapping:
		return "map of names to: " + noun
	case grouped:
		return "map of errors to lists of: " + noun
	}
	return noun
}

func functionsReference() string {
	return "`" + strings.Join(sortedKeys(pureFunctions), "`, `") + "`, and `required`, `create` and `env`, which are husk's own.\n"
}

// Every block has an example that decodes without a diagnostic, and that uses
// all of its attributes.
func TestExamplesOfBlocks(t *testing.T) {
	var check func(b *block)
	check = func(b *block) {
		t.Run(b.name, func(t *testing.T) {
			p := loadText(t, b.example)
			if d := p.Check(); d.HasErrors() {
				t.Errorf("%s", text(t, d))
			}
			if b.name == "remove" {
				return // one of each would be no example
			}
			for _, a := range b.attributes {
				if !regexp.MustCompile(`\b` + a.name + `\s*=`).MatchString(b.example) {
					t.Errorf("the example has no %s", a.name)
				}
			}
		})
		for _, inner := range b.blocks {
			check(inner)
		}
	}
	check(profileLanguage)
}

// Every example in the reference that is a whole file is a correct one.
func TestExamplesOfReference(t *testing.T) {
	src, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```hcl\n(.*?)```").FindAllStringSubmatch(string(src), -1)
	if len(examples) < 10 {
		t.Fatal("only", len(examples), "examples")
	}
	for i, e := range examples {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			p, _ := Load(testOptions(writeFiles(t, map[string]string{"example.hcl": e[1]})))
			if d := p.Check(); d.HasErrors() {
				t.Errorf("%s\n%s", e[1], text(t, d))
			}
		})
	}
}

// Every attribute of remove takes out of a list or block that exists.
func TestRemovalsExist(t *testing.T) {
	names := make(map[string]bool)
	var walk func(b *block, prefix string)
	walk = func(b *block, prefix string) {
		for _, a := range b.attributes {
			names[prefix+a.name] = a.shape != single
		}
		for _, inner := range b.blocks {
			if inner.label != "" {
				names[prefix+inner.name] = true
			} else {
				walk(inner, prefix+inner.name+".")
			}
		}
	}
	walk(profileLanguage, "")
	for _, r := range removals {
		for _, name := range append(r.lists, r.blocks...) {
			if !names[name] {
				t.Errorf("remove.%s is about %s, which does not exist", r.name, name)
			}
			delete(names, name)
		}
	}
	for name, isList := range names {
		if isList && name != "inherits" && name != "commands" && name != "command" && !strings.HasPrefix(name, "remove.") {
			t.Errorf("nothing in remove is about %s", name)
		}
	}
}

// The defaults in the reference are those of the plan.
func TestDefaultsOfLimits(t *testing.T) {
	for _, a := range limitsLanguage.attributes {
		want, has := defaultLimits[a.name]
		if !has {
			if a.fallback != "none" && a.name != "cgroup" {
				t.Errorf("%s has no default, but the reference says %s", a.name, a.fallback)
			}
			continue
		}
		p := loadText(t, fmt.Sprintf("profile \"x\" {\n  limits { %s = %s }\n}", a.name, a.fallback))
		for _, l := range mustResolve(t, p, "x", "").Limits {
			if l.Name == a.name && l.Value != want {
				t.Errorf("%s: the reference says %s, the plan %d", a.name, a.fallback, want)
			}
		}
	}
}
