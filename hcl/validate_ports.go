package hcl

import (
	"fmt"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// ports finds a port that the program is to bind and that husk listens on
// inside already, for names or for the connections of a rule: only one of both
// can have it. The enforcer refuses such a plan; here it has a place.
func (v *validator) ports(mode string) {
	if mode != plan.NetworkFiltered {
		return
	}
	taken := v.connectPorts()
	for _, name := range []string{"network.listen", "network.publish"} {
		for _, r := range v.settings.lists[name] {
			rule, both := taken[r.number]
			switch {
			case r.number == dnsPort && v.own(r):
				v.report(r.at, "port 53 is taken", "husk answers questions for names there; bind another port")
			case both && (v.own(r) || v.own(rule)):
				v.report(r.at, fmt.Sprintf("port %d is both bound and connected to", r.number),
					fmt.Sprintf("connections to that port of other hosts arrive there (%s); bind another port, or take it out of connect", place(rule.at)))
			}
		}
	}
}

// dnsPort is where names are asked for inside.
const dnsPort = 53

// connectPorts gives the TCP ports that connect rules name. UDP's are others.
func (v *validator) connectPorts() map[uint64]rule {
	taken := make(map[uint64]rule)
	for _, e := range v.settings.blocks["network.connect"] {
		if protocol, _ := e.body.text("protocol", "tcp"); protocol == "udp" {
			continue
		}
		for _, port := range e.body.lists["ports"] {
			taken[port.number] = port
		}
	}
	return taken
}
