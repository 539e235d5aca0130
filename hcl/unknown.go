package hcl

import (
	"fmt"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
)

// Names that the language doesn't have: what was meant, and where it belongs.

// usage shows how an attribute is written.
func (a attribute) usage() string {
	switch a.shape {
	case list, sequence:
		return fmt.Sprintf("%s = [%s]", a.name, strings.Split(a.of.example, " or ")[0])
	case mapping:
		return fmt.Sprintf("%s = { NAME = %s }", a.name, a.of.example)
	case grouped:
		return fmt.Sprintf("%s = { ENOSYS = [%s] }", a.name, a.of.example)
	}
	return fmt.Sprintf("%s = %s", a.name, strings.Split(a.of.example, " or ")[0])
}

// explainUnknown adds to what the HCL library says about names it doesn't
// know what could stand there, and where the name would belong.
func explainUnknown(b *block, diags hashi.Diagnostics) hashi.Diagnostics {
	out := slices.Clone(diags[:min(len(diags), 2*maxDiagnostics)])
	// In the JSON form an empty object, an empty list or null in place of labels
	// is what a generator writes for no blocks. What else stands there has a
	// diagnostic of its own.
	out = slices.DeleteFunc(out, func(d *hashi.Diagnostic) bool { return d.Summary == "Missing block label" })
	for i, d := range out {
		switch d.Summary {
		case "Unsupported block type", "Unsupported argument", "Extraneous JSON object property":
			if given, ok := quotedName(d.Detail); ok {
				out[i] = problem(*d.Subject, unknownName(d.Summary, given, b), whereItBelongs(b, given))
			}
		}
	}
	return out
}

func quotedName(detail string) (string, bool) {
	_, rest, _ := strings.Cut(detail, `"`)
	name, _, ok := strings.Cut(rest, `"`)
	return name, ok
}

func unknownName(summary, given string, b *block) string {
	kind := "attribute"
	if summary == "Unsupported block type" {
		kind = "block"
	}
	return fmt.Sprintf("unknown %s %q in %s", kind, given, b.name)
}

// whereItBelongs says what to write instead of an unknown name.
func whereItBelongs(b *block, given string) string {
	if a, ok := b.attribute(given); ok {
		return "write " + a.usage() + "; it is an attribute"
	}
	if inner := b.block(given); inner != nil {
		return fmt.Sprintf("%s is a block; write %s { … }, without an equals sign", given, given)
	}
	if home := homeOf(profileLanguage, given, b); home != "" {
		return fmt.Sprintf("%s belongs into %s { … }", given, home)
	}
	if best := nearest(given, b.names()); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "here may stand " + strings.Join(b.names(), ", ")
}

// names lists what may stand in the block.
func (b *block) names() []string {
	var names []string
	for _, a := range b.attributes {
		names = append(names, a.name)
	}
	for _, inner := range b.blocks {
		names = append(names, inner.name)
	}
	return names
}

// homeOf finds the block, other than b and remove, that has such an attribute
// or block.
func homeOf(in *block, name string, b *block) string {
	if in != b && in.name != "remove" && slices.Contains(in.names(), name) {
		return in.name
	}
	for _, inner := range in.blocks {
		if home := homeOf(inner, name, b); home != "" {
			return home
		}
	}
	return ""
}
