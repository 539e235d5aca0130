package hcl

import (
	"fmt"
	"path"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// maxPath is the kernel's PATH_MAX without the NUL (limits.h).
const maxPath = 4095

var aPath = element{noun: "a path", example: `"${project}/src"`, decode: decodePath}

func decodePath(d *decoder, v cty.Value, at hashi.Range) *value {
	if v.Type() != cty.String {
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; a path is wanted, like \"${project}/src\"", kindOf(v)))
		return nil
	}
	p, marks, summary, detail := parsePath(d.anchors, v.AsString())
	if summary != "" {
		d.report(at, summary, detail)
		return nil
	}
	if strings.ContainsAny(p.Path, "*?") {
		d.warn(at, "a path is no pattern", fmt.Sprintf("%q means a file of exactly that name; grant the directory above it", p))
	}
	return &value{at: at, key: p.String(), text: p.String(), path: &p, required: marks.required, create: marks.create}
}

// pathMarks are what functions say about a path.
type pathMarks struct{ required, create bool }

// parsePath takes a path apart: the marks of required and create, the anchor,
// the clean rest. Where that fails it says what is wrong and what to write.
func parsePath(a anchors, s string) (p plan.Path, marks pathMarks, summary, detail string) {
	for {
		name, rest, ok := a.cut(s)
		if !ok || (name != tokenRequired && name != tokenCreate) {
			break
		}
		marks.required = marks.required || name == tokenRequired
		marks.create = marks.create || name == tokenCreate
		s = rest
	}
	p, rest, summary, detail := pathHead(a, s)
	if summary != "" {
		return plan.Path{}, marks, summary, detail
	}
	summary, detail = checkRest(p, s, rest)
	if summary != "" {
		return plan.Path{}, marks, summary, detail
	}
	if p.Anchor == plan.AnchorRoot {
		p.Path = path.Clean(rest)
	} else {
		p.Path = strings.TrimPrefix(path.Clean("/"+rest), "/")
	}
	return p, marks, "", ""
}

// pathHead gives the anchor at the head of s, and what follows it.
func pathHead(a anchors, s string) (p plan.Path, rest, summary, detail string) {
	if name, rest, ok := a.cut(s); ok {
		p, ok := anchored(name)
		switch {
		case !ok:
			return p, "", "damaged anchor", "an anchor can only be put at the head of a path as a whole"
		case rest != "" && rest[0] != '/' && !holdsToken(rest):
			return p, "", "no slash after the anchor", fmt.Sprintf("%q would be another directory's name; write \"%s/%s\"", readable(s), p, readable(rest))
		}
		return p, rest, "", ""
	}
	home := plan.Path{Anchor: plan.AnchorHome}
	first, _, _ := strings.Cut(s, "/")
	switch {
	case s == "":
		return p, "", "empty path", `write a path like "${project}" or "/usr/share"`
	case first == "~":
		return home, s[1:], "", ""
	case first == "":
		return p, s, "", ""
	case strings.HasPrefix(first, "~"):
		return p, "", "another user's home", fmt.Sprintf("%q is not looked up; write its absolute path", readable(first))
	case strings.HasPrefix(first, "$"):
		name := strings.Trim(first, "${}")
		if name == "HOME" {
			return p, "", "no variables in a path", fmt.Sprintf("write %q", "${home}"+readable(s[len(first):]))
		}
		switch anchor, _, _ := strings.Cut(name, "."); anchor {
		case "home": // as text: from outside, or with $${
			return p, "", "anchor as plain text", fmt.Sprintf("write %q", "~"+readable(s[len(first):]))
		case "cwd", "project", "xdg":
			return p, "", "anchor as plain text", fmt.Sprintf("a value from outside has no anchor but ~/; in a profile write \"%s%s\", with one $", first, readable(s[len(first):]))
		}
		return p, "", "no variables in a path", fmt.Sprintf("write \"${env(%q)}%s\"", name, readable(s[len(first):]))
	case holdsToken(s):
		return p, "", "anchor not at the head of a path", fmt.Sprintf("in %q it stands in the middle; a path has one anchor, at its head", readable(s))
	}
	return p, "", "relative path", fmt.Sprintf("%q depends on where the command is typed; write \"${cwd}/%s\" or \"${project}/%s\"", s, strings.TrimPrefix(s, "./"), strings.TrimPrefix(s, "./"))
}

// checkRest looks at what follows the anchor.
func checkRest(p plan.Path, whole, rest string) (summary, detail string) {
	switch {
	case holdsToken(rest):
		return "two anchors in one path", fmt.Sprintf("in %q an anchor stands in the middle; a path has one anchor, at its head", readable(whole))
	case strings.ContainsRune(rest, 0):
		return "NUL in a path", "no file has a NUL in its name; leave it out"
	case len(rest) > maxPath:
		return "path too long", fmt.Sprintf("a path may have %d bytes", maxPath)
	}
	depth := 0
	for _, part := range strings.Split(rest, "/") {
		switch part {
		case "", ".":
		case "..":
			depth--
		default:
			depth++
		}
		if depth < 0 {
			head := p.String()
			if p.Anchor == plan.AnchorRoot {
				head = "/"
			}
			return "path leaves its anchor", fmt.Sprintf("%q goes above %s; write the directory that is meant", readable(whole), head)
		}
	}
	return "", ""
}

// below gives inner's path relative to outer where inner is outer or lies
// below it, as far as that can be known before the program starts. The XDG
// directories are taken to be where they are by default.
func below(inner, outer plan.Path) (rest string, ok bool) {
	return strictlyBelow(withoutXDG(inner), withoutXDG(outer))
}

// strictlyBelow is below where it holds whatever the environment is.
func strictlyBelow(inner, outer plan.Path) (rest string, ok bool) {
	if inner.Anchor != outer.Anchor || inner.Name != outer.Name || inner.Default != outer.Default {
		return "", false
	}
	switch {
	case inner.Path == outer.Path:
		return "", true
	case outer.Path == "" || outer.Path == "/":
		return strings.TrimPrefix(inner.Path, "/"), true
	}
	return strings.CutPrefix(inner.Path, outer.Path+"/")
}

// withoutXDG writes the XDG directories as what they are by default, below
// home, so that both spellings of a place compare.
func withoutXDG(p plan.Path) plan.Path {
	if p.Anchor == plan.AnchorEnv && p.Default != "" {
		return plan.Path{Anchor: plan.AnchorHome, Path: p.Default}.Join(p.Path)
	}
	return p
}
