package plan

// Message buses of [Bus].
const (
	BusSession = "session"
	BusSystem  = "system"
)

// Bus is a D-Bus message bus, of which only what the rules name is reached: a
// filtering proxy stands between.
type Bus struct {
	Bus    string    `json:"bus"` // BusSession or BusSystem
	Rules  []BusRule `json:"rules,omitempty"`
	Origin int       `json:"origin"`
}

// Kinds of [BusRule], as xdg-dbus-proxy(1) has them.
const (
	BusSee       = "see"       // the name's coming and going
	BusTalk      = "talk"      // everything may be called
	BusOwn       = "own"       // the name may be taken
	BusCall      = "call"      // NAME=RULE: some things may be called
	BusBroadcast = "broadcast" // NAME=RULE: some signals are passed on
)

// BusRule permits one name, in the proxy's own words.
type BusRule struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Origin int    `json:"origin"`
}

// DBusProxy is what filters message buses: xdg-dbus-proxy, which runs outside
// of the sandbox and is restricted itself.
type DBusProxy struct {
	// Path is absolute, Grants are read and executed for it to start (see
	// [Program]).
	Path   string   `json:"path"`
	Grants []string `json:"grants,omitempty"`
	// Filter is an array of struct sock_filter for Arch (a GOARCH).
	Arch   string `json:"arch"`
	Filter []byte `json:"filter"`
}
