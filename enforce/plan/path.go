package plan

// Anchors: what a path may start at. They are resolved when the program
// starts, never written into a string that is expanded.
const (
	AnchorRoot    = ""        // Path.Path is absolute
	AnchorHome    = "home"    // the user's home directory
	AnchorCwd     = "cwd"     // the working directory
	AnchorProject = "project" // the project root
	AnchorEnv     = "env"     // the directory or file that an environment variable names
)

// Path is a path with a typed anchor at its head.
type Path struct {
	Anchor string `json:"anchor,omitempty"`
	// Name is the environment variable of AnchorEnv.
	Name string `json:"name,omitempty"`
	// Default is the path below home that stands for an unset or empty
	// variable (the XDG base directories); without it the rule is skipped.
	Default string `json:"default,omitempty"`
	// Path is absolute for AnchorRoot; for the others it is relative to the
	// anchor and may be empty. It is clean: no "..", no trailing slash.
	Path string `json:"path,omitempty"`
}

// String gives the path in the notation of profiles: "${home}/.npm".
func (p Path) String() string {
	head := ""
	switch p.Anchor {
	case AnchorRoot:
		return p.Path
	case AnchorEnv:
		head = `${env("` + p.Name + `")}`
		if x, ok := xdgNames[p.Name]; ok && p.Default == x.below {
			head = "${xdg." + x.short + "}"
		}
	default:
		head = "${" + p.Anchor + "}"
	}
	if p.Path == "" {
		return head
	}
	return head + "/" + p.Path
}

type xdgName struct{ short, below string }

// The XDG base directories with their defaults below home (XDG Base Directory
// Specification 0.8). The runtime directory has none.
var xdgNames = map[string]xdgName{
	"XDG_CONFIG_HOME": {"config", ".config"},
	"XDG_CACHE_HOME":  {"cache", ".cache"},
	"XDG_DATA_HOME":   {"data", ".local/share"},
	"XDG_STATE_HOME":  {"state", ".local/state"},
	"XDG_RUNTIME_DIR": {"runtime", ""},
}

// XDG gives the path for xdg.SHORT (config, cache, data, state, runtime).
func XDG(short string) (Path, bool) {
	for name, x := range xdgNames {
		if x.short == short {
			return Path{Anchor: AnchorEnv, Name: name, Default: x.below}, true
		}
	}
	return Path{}, false
}

// Join gives the path below p.
func (p Path) Join(below string) Path {
	switch {
	case below == "":
	case p.Anchor == AnchorRoot && p.Path == "/":
		p.Path += below
	case p.Path == "":
		p.Path = below
	default:
		p.Path += "/" + below
	}
	return p
}
