package hcl

import (
	"fmt"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

var variableGlob = lazily(`^[A-Za-z_*][A-Za-z0-9_*]*$`)

var (
	variableName = decodeText("a variable's name", `"NPM_TOKEN"`, func(s string) (string, string) {
		if !envName().MatchString(s) {
			return "not a variable's name", fmt.Sprintf("%q cannot name an environment variable; it has letters, digits and _", s)
		}
		return "", ""
	})

	variablePattern = decodeText("a variable's name or pattern", `"LC_*"`, func(s string) (string, string) {
		switch {
		case variableGlob().MatchString(s):
			return "", ""
		case strings.HasPrefix(s, "$"):
			return "not a variable's name", fmt.Sprintf("write %q, without the $", strings.Trim(s, "${}"))
		case strings.ContainsRune(s, '='):
			name, _, _ := strings.Cut(s, "=")
			return "not a variable's name", fmt.Sprintf("to give %s a value write it in set = { … }", name)
		}
		return "not a variable's name", fmt.Sprintf("%q cannot name an environment variable; it has letters, digits, _ and * for any characters", s)
	})

	variableValue = element{noun: "a string", example: `"1"`, decode: decodeVariableValue}
)

// decodeVariableValue takes text, or a path with an anchor. A number, true and
// false are taken as they are written.
func decodeVariableValue(d *decoder, v cty.Value, at hashi.Range) *value {
	if t := v.Type(); t == cty.Number || t == cty.Bool {
		if written, err := convert.Convert(v, cty.String); err == nil {
			v = written
		}
	}
	if v.Type() == cty.String && holdsToken(v.AsString()) {
		p, marks, summary, detail := parsePath(d.anchors, v.AsString())
		if summary == "" && marks != (pathMarks{}) {
			summary, detail = "required or create in a variable's value", "a variable's value is not looked at; leave the function out"
		}
		if summary != "" {
			d.report(at, summary, detail+"; a variable's value is text, or one path with an anchor at its head")
			return nil
		}
		return &value{at: at, text: p.String(), path: &p}
	}
	s, ok := d.plainString(v, at, "a string", `"1"`)
	if !ok {
		return nil
	}
	if strings.HasPrefix(s, "~/") {
		d.warn(at, "~ is plain text here", fmt.Sprintf("a variable's value is taken as it is; write %q for the home directory", "${home}"+s[1:]))
	}
	return &value{at: at, text: s}
}
