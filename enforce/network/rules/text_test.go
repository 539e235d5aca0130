package rules

import (
	"testing"

	"github.com/husk-sandbox/husk/enforce/plan"
)

func TestText(t *testing.T) {
	for want, c := range map[string]plan.Connect{
		`connect "a.example" { ports = [80, 443] }`:                                          {Host: "a.example", Ports: []int{80, 443}, Protocol: TCP},
		"connect \"a.example\" {\n  ports    = [53]\n  protocol = \"udp\"\n}":                {Host: "a.example", Ports: []int{53}, Protocol: UDP},
		"connect \"a.example\" {\n  ports    = [443]\n  check    = \"off\"\n}":               {Host: "a.example", Ports: []int{443}, Check: "off"},
		"connect \"::1\" {\n  ports    = [9]\n  protocol = \"udp\"\n  check    = \"off\"\n}": {Host: "::1", Ports: []int{9}, Protocol: UDP, Check: "off"},
	} {
		if got := Text(c); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
