package main

import (
	"slices"
	"testing"

	"github.com/husk-sandbox/husk/enforce/audit"
)

func TestWithoutOpened(t *testing.T) {
	event := func(session, name, address, state string, port int) audit.Event {
		return audit.Event{Session: session, Kind: audit.Connect, Name: name, Address: address, State: state, Port: port, Protocol: "tcp"}
	}
	ended := event("s", "a.example", "192.0.2.1", "", 443)
	lost := event("s", "b.example", "", audit.Opened, 443)
	otherPort := event("s", "a.example", "", audit.Opened, 80)
	otherSession := event("t", "a.example", "", audit.Opened, 443)
	got := withoutOpened([]audit.Event{event("s", "a.example", "", audit.Opened, 443), lost, otherPort, ended, otherSession})
	if want := []audit.Event{lost, otherPort, ended, otherSession}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}
