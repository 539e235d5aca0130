package wrappers

import (
	"errors"
	"fmt"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// BusProxy is the program that filters message buses.
const BusProxy = "xdg-dbus-proxy"

// busProxy finds the filter of a plan's message buses, as the programs of
// commands are found: it runs outside of the sandbox. Where it is not installed
// the plan names none, and does not start.
func (f *Finder) busProxy(p *plan.Plan) error {
	p.DBusProxy = nil
	if len(p.DBus) == 0 {
		return nil
	}
	// Whole: nothing is visible to it but what is listed.
	found, err := f.find(question{Exec: BusProxy, Whole: true, Writable: f.writableBy(p)})
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return fmt.Errorf("the filter for D-Bus, %s: %v", BusProxy, err)
	}
	p.DBusProxy = &plan.DBusProxy{Path: found.Program.Path, Grants: found.Program.Grants}
	return nil
}
