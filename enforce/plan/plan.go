// Package plan holds the plan: everything that a profile decides about one
// command, in the form in which it travels from the renderer to the enforcer.
//
// A plan is data. Whoever writes it has made every decision; whoever reads it
// makes none. Only the heads of paths (see [Path]) stay open until run time.
// The package is linked into the enforcer, which starts on every wrapped
// command, so it imports nothing but a few small packages of the standard
// library; writing a plan, which needs reflection, lives in enforce/plan/encode.
package plan

// Version is the version of the plan's shape. [Decode] refuses every other
// one: an enforcer must not guess at rules that it doesn't know.
const Version = 1

// Plan is the whole policy for one command.
type Plan struct {
	Version int `json:"version"`
	// Profile is the profile's name.
	Profile string `json:"profile"`
	// Command is the name the user types; it becomes argv[0].
	Command string  `json:"command"`
	Program Program `json:"program"`

	Filesystem  Filesystem  `json:"filesystem"`
	Home        Home        `json:"home"`
	Tmp         Tmp         `json:"tmp"`
	Environment Environment `json:"environment"`
	Network     Network     `json:"network"`
	Sockets     []Socket    `json:"sockets,omitempty"`
	DBus        []Bus       `json:"dbus,omitempty"`
	DBusProxy   *DBusProxy  `json:"dbus_proxy,omitempty"`
	Namespaces  Namespaces  `json:"namespaces"`
	Syscalls    Syscalls    `json:"syscalls"`
	Limits      []Limit     `json:"limits,omitempty"`
	Cgroup      Cgroup      `json:"cgroup"`
	Identity    Identity    `json:"identity"`
	Terminal    Terminal    `json:"terminal"`
	LateDrop    *LateDrop   `json:"late_drop,omitempty"`
	Supervise   *Supervise  `json:"supervise,omitempty"`
	Verify      []Verify    `json:"verify,omitempty"`

	// Supervisor is the husk that the waiting parent goes on as where the policy
	// needs decisions at run time, and starts beside itself where the policy ends
	// programs at system calls; absolute, empty where none is needed.
	Supervisor string `json:"supervisor,omitempty"`

	// Descriptors above 2 that the program inherits where the caller has them open.
	Descriptors []int `json:"descriptors,omitempty"`

	// Degrade names what may be missing on a weaker kernel (see the Degrade*
	// constants). What it does not name is required.
	Degrade []string `json:"degrade,omitempty"`

	// Source is the file that the profile was read from (or "library/NAME.hcl"
	// for an embedded one), Origins the table that every rule's Origin indexes.
	// In the file they are the object "provenance" (provenance.go).
	Source  string    `json:"-"`
	Origins []Origin  `json:"-"`
	Written []Written `json:"-"`
}

// What a profile may do without, when it says so (design: "degrade").
const (
	DegradeNamespaces       = "namespaces"
	DegradeNetworkNamespace = "network-namespace"
	DegradeLandlock         = "landlock"
	DegradeLandlockNetwork  = "landlock-network"
	DegradeLandlockScope    = "landlock-scope"
	DegradeSeccomp          = "seccomp"
	DegradeLimits           = "limits"
)

// Degradable lists every name that degrade accepts, in the order in which
// they are documented.
var Degradable = []string{
	DegradeNamespaces, DegradeNetworkNamespace, DegradeLandlock,
	DegradeLandlockNetwork, DegradeLandlockScope, DegradeSeccomp, DegradeLimits,
}
