package rules

import (
	"strconv"
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Text writes a connect block as a profile has it. A host that does not come from a
// profile has to be escaped before.
func Text(c plan.Connect) string {
	ports := make([]string, len(c.Ports))
	for i, port := range c.Ports {
		ports[i] = strconv.Itoa(port)
	}
	list := "[" + strings.Join(ports, ", ") + "]"
	more := ""
	if c.Protocol == UDP {
		more += "\n  protocol = \"udp\""
	}
	if c.Check == "off" {
		more += "\n  check    = \"off\""
	}
	if more == "" {
		return `connect "` + c.Host + `" { ports = ` + list + ` }`
	}
	return `connect "` + c.Host + "\" {\n  ports    = " + list + more + "\n}"
}
