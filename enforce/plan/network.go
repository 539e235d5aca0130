package plan

// Modes of [Network].
const (
	NetworkNone     = "none"
	NetworkFiltered = "filtered"
	NetworkHost     = "host"
)

// Network is the network policy. Loopback permits every port of the sandbox's
// own loopback to be bound and connected to; it means nothing where the
// sandbox has no network namespace of its own.
type Network struct {
	Mode     string    `json:"mode"`
	Connect  []Connect `json:"connect,omitempty"`
	Listen   []Listen  `json:"listen,omitempty"`
	Loopback bool      `json:"loopback,omitempty"`
	Origin   int       `json:"origin"`
}

// Connect permits connections to a name, *.suffix, address or CIDR.
type Connect struct {
	Host     string `json:"host"`
	Ports    []int  `json:"ports,omitempty"`    // 1 to 65535; none means none
	Protocol string `json:"protocol,omitempty"` // "tcp" (also when empty) or "udp"
	Check    string `json:"check,omitempty"`    // "off" lifts the check of SNI and Host
	Origin   int    `json:"origin"`
}

// Listen permits a port to be bound; Publish makes it reachable on the host's
// loopback.
type Listen struct {
	Port    int  `json:"port"`
	Publish bool `json:"publish,omitempty"`
	Origin  int  `json:"origin"`
}

// Socket makes a pathname unix socket reachable.
type Socket struct {
	Path   Path   `json:"path"`
	Access string `json:"access"` // "connect" or "bind"
	Scope  string `json:"scope"`  // "file", "children" or "subtree"
	Origin int    `json:"origin"`
}
