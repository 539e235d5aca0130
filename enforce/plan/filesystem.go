package plan

// Views of the file system.
const (
	ViewMinimal = "minimal" // system directories and what is granted
	ViewHost    = "host"    // the host's tree read-only, home and credentials hidden
	ViewEmpty   = "empty"   // nothing but the program and what is granted
)

// Filesystem is the file policy. An empty list means none.
type Filesystem struct {
	View    string     `json:"view"`
	Read    []PathRule `json:"read,omitempty"`
	Write   []PathRule `json:"write,omitempty"`
	Execute []PathRule `json:"execute,omitempty"`
	// ExecuteOnly says that execute was given, maybe as an empty list: then
	// only its entries and the system directories may be executed.
	ExecuteOnly bool       `json:"execute_only,omitempty"`
	Hide        []PathRule `json:"hide,omitempty"`
	Protect     []PathRule `json:"protect,omitempty"`
	// Join are directories whose writable parts share one mount.
	Join  []PathRule `json:"join,omitempty"`
	Bind  []Bind     `json:"bind,omitempty"`
	Tmpfs []Tmpfs    `json:"tmpfs,omitempty"`
	// Reserved is never writable inside, whatever is granted: the wrapper
	// directory, the profile directories, husk's binaries and state.
	Reserved []PathRule `json:"reserved,omitempty"`
	// Markers make the nearest parent of the working directory that holds one
	// of them the project root.
	Markers []string `json:"markers,omitempty"`
}

// PathRule is one path of a list, with its origin.
type PathRule struct {
	Path Path `json:"path"`
	// Required makes a path that does not exist an error; else it is skipped.
	Required bool `json:"required,omitempty"`
	// Create makes a directory (mode 0700) where a write grant's path does not
	// exist yet: a tool's cache on its first run.
	Create bool `json:"create,omitempty"`
	Origin int  `json:"origin"`
}

// Access modes of [Bind].
const (
	ModeRead  = "read"
	ModeWrite = "write"
)

// Bind shows From of the host at To inside.
type Bind struct {
	From     Path   `json:"from"`
	To       Path   `json:"to"`
	Mode     string `json:"mode"` // ModeRead or ModeWrite
	Required bool   `json:"required,omitempty"`
	Origin   int    `json:"origin"`
}

// Tmpfs is an empty, writable file system at Path, gone with the session.
type Tmpfs struct {
	Path   Path   `json:"path"`
	Size   uint64 `json:"size"` // bytes; 0 means husk's default
	Origin int    `json:"origin"`
}
