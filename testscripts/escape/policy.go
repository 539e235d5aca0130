package main

// policy is one and the same permission, as husk's language says it and as
// lists for the tools that have none.
type policy struct {
	husk  string // the profile's text inside; the command block is added
	write []string
	read  []string
	// network is true where the program gets the host's.
	network bool
	// ownPlaces is for attempts on the wrapper directory and the like: they lie
	// in the stage's home, as a user's do.
	ownPlaces bool
}

// policies by the names that attempts use.
var policies = map[string]policy{
	// What a person writes for a tool that works in a project.
	"project": {
		husk: `
  inherits = ["base"]
  filesystem {
    read  = ["${home}/library"]
    write = ["${project}"]
  }`,
		write: []string{"$PROJECT"}, read: []string{"$LIBRARY"},
	},
	// The library's own, for what a package's script would try.
	"npm": {
		husk: `
  inherits = ["library/npm"]`,
		write: []string{"$PROJECT"}, read: []string{"$HOME/.npmrc"}, network: true,
	},
	"host-network": {
		husk: `
  inherits = ["base"]
  filesystem { write = ["${project}"] }
  network { mode = "host" }`,
		write: []string{"$PROJECT"}, network: true,
	},
	// A tool that keeps its things where husk has its own.
	"dot-directories": {
		husk: `
  inherits = ["base"]
  filesystem { write = ["${project}", "${home}/.local", "${home}/.config", "${env("BIN")}"] }`,
		write: []string{"$PROJECT", "$HOME/.local", "$HOME/.config"}, ownPlaces: true,
	},
	// Only the system's programs may be executed.
	"no-execution": {
		husk: `
  inherits = ["base"]
  filesystem {
    write   = ["${project}"]
    execute = []
  }`,
		write: []string{"$PROJECT"},
	},
	"hidden-below": {
		husk: `
  inherits = ["base"]
  filesystem {
    write = ["${project}"]
    hide  = ["${project}/conf/deep/.env"]
  }`,
		write: []string{"$PROJECT"},
	},
	// A grant of a path that the project itself decides about.
	"grant-in-project": {
		husk: `
  inherits = ["base"]
  filesystem {
    read  = ["${project}/build"]
    write = ["${project}"]
  }`,
		write: []string{"$PROJECT"},
	},
	// Limits that a test can reach without the machine noticing.
	"bounded": {
		husk: `
  inherits = ["base"]
  filesystem { write = ["${project}"] }
  tmp { size = "8M" }
  limits {
    processes = 400
    files     = 128
    memory    = "64M"
    file_size = "16M"
    cpu_time  = "1s"
    core      = 0
  }`,
		write: []string{"$PROJECT"},
	},
}
