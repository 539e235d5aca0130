package enforce

import (
	"slices"
	"strings"
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestBusAddress(t *testing.T) {
	for list, want := range map[string]string{
		"unix:path=/run/user/1/bus":               "unix:path=/run/user/1/bus",
		"unix:path=/run/bus,guid=0123;tcp:host=x": "unix:path=/run/bus",
		"unix:guid=1,path=/a%20b%2c%2C":           "unix:path=/a%20b%2c%2c",
		"unix:abstract=/tmp/dbus-abc,guid=1":      "unix:abstract=/tmp/dbus-abc",
		"unix:runtime=yes":                        "unix:path=/run/user/1/bus",
		"unix:path=/x --talk=org.freedesktop.*":   "unix:path=/x%20--talk%3dorg.freedesktop.*",
		"unix:path=/a,abstract=b":                 "",
		"unix:path=relative":                      "",
		"unix:dir=/tmp":                           "",
		"unix:":                                   "",
		"":                                        "",
		"unixexec:path=/bin/sh":                   "",
		"autolaunch:":                             "",
		"tcp:host=localhost,port=1":               "",
		"unix:path=/a%0":                          "",
		"unix:path=/a%zz":                         "",
		"unix:path=/a%00b":                        "",
		"unixexec:path=/bin/sh;unix:path=/run/user/1/bus": "",
	} {
		at, err := parseBusAddress(list, "/run/user/1")
		if got := at.String(); err == nil && got != want || err != nil && want != "" {
			t.Errorf("%q: %q, %v, want %q", list, got, err, want)
		}
	}
}

// Every bus is filtered, and every rule is one argument.
func TestProxyArguments(t *testing.T) {
	p := &plan.Plan{DBusProxy: &plan.DBusProxy{Path: "/p"}, DBus: []plan.Bus{
		{Bus: plan.BusSession, Rules: []plan.BusRule{{Kind: plan.BusTalk, Text: "a.b"}, {Kind: plan.BusCall, Text: "a.b=c.d@/e"}}},
		{Bus: plan.BusSystem},
	}}
	want := "/p --fd=4 unix:path=/1 session --filter --talk=a.b --call=a.b=c.d@/e unix:path=/2 system --filter"
	if got := strings.Join(proxyArguments(p, []string{"unix:path=/1", "unix:path=/2"}), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The variables are the filter's, once, whatever stood there.
func TestBusVariables(t *testing.T) {
	s := &start{}
	env := []string{"A=1", "DBUS_SESSION_BUS_ADDRESS=unix:path=/raw", "DBUS_SESSION_BUS_ADDRESS=again", "DBUS_SESSION_BUS_ADDRESSES=x"}
	if got := s.busVariables(slices.Clone(env)); !slices.Equal(got, env) {
		t.Errorf("without a bus: %q", got)
	}
	s.ready = []readyBus{{bus: &plan.Bus{Bus: plan.BusSession}, target: "/run/user/1/bus"}}
	want := []string{"A=1", "DBUS_SESSION_BUS_ADDRESSES=x", "DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1/bus"}
	if got := s.busVariables(env); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
