package hcl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	hashi "github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// element is a kind of value: what one looks like and how it is decoded.
type element struct {
	noun    string // "a path"
	example string // one, as it is written: `"${project}"`
	words   []string
	// decode gives the value, or nil after it reported why it can't.
	decode func(d *decoder, v cty.Value, at hashi.Range) *value
}

// decodeText decodes values that are plain strings; check gives what is wrong
// with one, and what to write.
func decodeText(noun, example string, check func(s string) (summary, detail string)) element {
	e := element{noun: noun, example: example}
	e.decode = func(d *decoder, v cty.Value, at hashi.Range) *value {
		s, ok := d.plainString(v, at, noun, example)
		if !ok {
			return nil
		}
		if summary, detail := check(s); summary != "" {
			d.report(at, summary, detail)
			return nil
		}
		return &value{at: at, key: s, text: s}
	}
	return e
}

// plainString gives a string without anchors, or reports what v is instead.
func (d *decoder) plainString(v cty.Value, at hashi.Range, noun, example string) (string, bool) {
	if v.Type() != cty.String {
		d.report(at, "wrong type", fmt.Sprintf("here stands %s; %s is wanted, like %s", kindOf(v), noun, example))
		return "", false
	}
	s := v.AsString()
	if holdsToken(s) {
		d.report(at, "anchor out of place",
			fmt.Sprintf("%q is only known when the program starts, so it can only be the head of a path; here %s is wanted, like %s", readable(s), noun, example))
		return "", false
	}
	if strings.ContainsRune(s, 0) {
		d.report(at, "NUL in a string", "the system takes no string with a NUL in it; leave it out")
		return "", false
	}
	return s, true
}

// kindOf names a value's type for a person.
func kindOf(v cty.Value) string {
	t := v.Type()
	switch {
	case t == cty.String:
		return "a string"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	case t.IsObjectType() || t.IsMapType():
		return "a map"
	}
	return "something else"
}

func fine(string) (string, string) { return "", "" }

var (
	anyText    = decodeText("a string", `"text"`, fine)
	anArgument = decodeText("a string", `"--flag"`, fine)

	trueOrFalse = element{noun: "true or false", example: "true", decode: func(d *decoder, v cty.Value, at hashi.Range) *value {
		if v.Type() != cty.Bool {
			d.report(at, "wrong type", fmt.Sprintf("here stands %s; write true or false, without quotes", kindOf(v)))
			return nil
		}
		return &value{at: at, flag: v.True()}
	}}

	profileReference = decodeText("a profile's name", `"base"`, func(s string) (string, string) {
		name := strings.TrimPrefix(strings.TrimPrefix(s, layerLibrary+"/"), layerSystem+"/")
		if !profileName().MatchString(name) {
			return "not a profile's name", fmt.Sprintf("%q cannot be the name of a profile; write one like \"base\" or \"library/base\"", s)
		}
		return "", ""
	})

	commandName = decodeText("a command's name", `"npm"`, func(s string) (string, string) {
		bad := func(r rune) bool { return r == '/' || unicode.IsSpace(r) || unicode.IsControl(r) }
		if s == "" || len(s) > 255 || s[0] == '.' || s[0] == '-' || strings.ContainsFunc(s, bad) {
			return "not a command's name", fmt.Sprintf("%q cannot be a file in the wrapper directory; write a name as it is typed, and the path in a command block's exec", s)
		}
		return "", ""
	})

	fileName = decodeText("a file's name", `".git"`, func(s string) (string, string) {
		if s == "" || s == "." || s == ".." || strings.ContainsRune(s, '/') {
			return "not a file's name", fmt.Sprintf("%q is looked for in each parent of the working directory; write a plain name, like \".git\"", s)
		}
		return "", ""
	})

	aProgram = decodeText("a program", `"npm" or "/usr/bin/npm"`, func(s string) (string, string) {
		switch {
		case s == "":
			return "no program", "write a name, like \"npm\", or an absolute path"
		case strings.ContainsRune(s, '/') && !strings.HasPrefix(s, "/"):
			return "not a program", fmt.Sprintf("%q is neither a name nor an absolute path; a relative path would depend on where the command is typed", s)
		}
		return "", ""
	})

	aDigest = decodeText("a SHA-256 digest", `"e3b0c442…"`, func(s string) (string, string) {
		hex := func(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' }
		other := func(r rune) bool { return !hex(r) }
		switch {
		case len(s) == 64 && !strings.ContainsFunc(s, other):
			return "", ""
		case len(s) == 64 && !strings.ContainsFunc(strings.ToLower(s), other):
			return "digest in capitals", fmt.Sprintf("write %q", strings.ToLower(s))
		}
		return "not a SHA-256 digest", fmt.Sprintf("a digest has 64 lower-case hexadecimal digits (this has %d characters); sha256sum FILE prints it", len(s))
	})

	aRate = decodeText("a rate", `"10/s"`, func(s string) (string, string) {
		n, found := strings.CutSuffix(s, "/s")
		if v, err := strconv.ParseUint(n, 10, 31); !found || err != nil || v == 0 {
			return "not a rate", fmt.Sprintf("%q is not a number per second; write one like \"10/s\"", s)
		}
		return "", ""
	})

	anApprover = decodeText("an approver", `"tty"`, func(s string) (string, string) {
		path, isExec := strings.CutPrefix(s, "exec:")
		switch {
		case s == "deny" || s == "tty":
			return "", ""
		case isExec && strings.HasPrefix(path, "/"):
			return "", ""
		case isExec:
			return "approver without an absolute path", fmt.Sprintf("%q would depend on where the command is typed; write exec: and an absolute path", s)
		}
		return "unknown approver", fmt.Sprintf("write \"deny\", \"tty\" or \"exec:/path\"%s", DidYouMean(s, []string{"deny", "tty"}))
	})
)

// oneWordOf is a value out of a fixed set.
func oneWordOf(words ...string) element {
	noun := "one of " + oneOf(words)
	e := decodeText(noun, strconv.Quote(words[0]), func(s string) (string, string) {
		if slices.Contains(words, s) {
			return "", ""
		}
		return fmt.Sprintf("unknown value %q", s), fmt.Sprintf("write %s%s", oneOf(words), DidYouMean(s, words))
	})
	e.words = words
	return e
}
