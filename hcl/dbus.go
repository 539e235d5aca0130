package hcl

import (
	"fmt"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Names and rules of message buses, as xdg-dbus-proxy(1) takes them. They become
// its arguments, so nothing is taken that is no name.

var (
	aBusName = decodeText("a bus name", `"org.freedesktop.Notifications"`, checkBusName)
	aBusRule = decodeText("a rule for a bus name", `"org.example.Service=org.example.Interface.*@/org/example/*"`, checkBusRule)
)

// busName is a well-known name: two elements or more, none of which begins with
// a digit (D-Bus Specification, "Bus names").
var busName = lazily(`^[A-Za-z_-][A-Za-z0-9_-]*(\.[A-Za-z_-][A-Za-z0-9_-]*)+$`)

// maxBusName bounds a name, in characters (same place).
const maxBusName = 255

// CheckBusName says why something cannot be a name in a dbus block; nil where it
// can.
func CheckBusName(name string) error {
	if summary, detail := checkBusName(name); summary != "" {
		return fmt.Errorf("%s: %s", summary, detail)
	}
	return nil
}

func checkBusName(s string) (summary, detail string) {
	name := strings.TrimSuffix(s, ".*")
	switch {
	case strings.HasPrefix(s, ":"):
		return "a connection's number instead of a name", "it is another one each time; name the service: \"org.freedesktop.Notifications\""
	case s == "*" || s == "":
		return "every name of the bus", "name the services that are to be reached, like \"org.freedesktop.Notifications\""
	case strings.ContainsRune(name, '*'):
		return "* inside a bus name", "a * stands for all elements at the end: \"org.mpris.*\""
	case !strings.HasPrefix(s, "-") && busName().MatchString(name) && len(name) <= maxBusName:
		return "", ""
	case name != s && !strings.ContainsRune(name, '.'):
		return "a whole domain of bus names", fmt.Sprintf("%q names every service below it; write at least one more element", s)
	}
	return "not a bus name", fmt.Sprintf("%q cannot be a name on a bus; one has two or more elements of letters, digits, _ and -, like \"org.freedesktop.Notifications\"", s)
}

// busMethod is what may be called: everything, an interface with or without all
// below it, or one method with its interface. busPath is an object's path.
var (
	busMethod = lazily(`^(\*|[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+(\.\*)?)?$`)
	busPath   = lazily(`^/([A-Za-z0-9_]+(/[A-Za-z0-9_]+)*)?(/\*)?$|^/\*$`)
)

func checkBusRule(s string) (summary, detail string) {
	name, rule, ok := strings.Cut(s, "=")
	if !ok {
		return "no rule after the name", fmt.Sprintf("write what may be called, like %q, or name the service in talk", s+"=*")
	}
	if summary, detail = checkBusName(name); summary != "" {
		return summary, detail
	}
	method, path, hasPath := strings.Cut(rule, "@")
	switch {
	case rule == "":
		return "no rule after the name", fmt.Sprintf("write what may be called, like %q", s+"*")
	case !busMethod().MatchString(method):
		return "not a method", fmt.Sprintf("%q is neither * nor an interface nor a method with its interface, like \"org.example.Interface.Method\"", method)
	case hasPath && !busPath().MatchString(path):
		return "not an object's path", fmt.Sprintf("%q cannot be a path on a bus; one looks like \"/org/example/object\", or \"/org/example/*\"", path)
	}
	return "", ""
}

// busKinds are the lists of a dbus block.
var busKinds = []string{plan.BusSee, plan.BusTalk, plan.BusOwn, plan.BusCall, plan.BusBroadcast}

func (b *builder) dbus() []plan.Bus {
	var all []plan.Bus
	for _, e := range b.settings.blocks["dbus"] {
		bus := plan.Bus{Bus: e.label.key, Origin: b.origin(e.label)}
		for _, kind := range busKinds {
			for _, r := range e.body.lists[kind] {
				bus.Rules = append(bus.Rules, plan.BusRule{Kind: kind, Text: r.text, Origin: b.origin(r)})
			}
		}
		all = append(all, bus)
	}
	return all
}

// BusNameCovers says whether the name in a rule, which may end in ".*", means
// name, or all that name means (xdg-dbus-proxy(1), "Policy").
func BusNameCovers(rule, name string) bool {
	if rule == name {
		return true
	}
	stem, wide := strings.CutSuffix(rule, ".*")
	if !wide {
		return false
	}
	name = strings.TrimSuffix(name, ".*")
	return name == stem || strings.HasPrefix(name, stem+".")
}
