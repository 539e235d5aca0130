package plan

// Environment says which variables the program gets.
type Environment struct {
	Pass    []EnvPass `json:"pass,omitempty"`
	Set     []EnvSet  `json:"set,omitempty"`
	Unset   []EnvPass `json:"unset,omitempty"`
	Secrets []Secret  `json:"secrets,omitempty"`
	// WithoutPath are directories taken out of PATH: the wrappers'.
	WithoutPath []string `json:"without_path,omitempty"`
}

// EnvPass is a variable's name, or a pattern in which * stands for any run of
// characters.
type EnvPass struct {
	Pattern string `json:"pattern"`
	Origin  int    `json:"origin"`
}

// EnvSet gives Name a value: Path where it is not nil, else Text.
type EnvSet struct {
	Name   string `json:"name"`
	Text   string `json:"text,omitempty"`
	Path   *Path  `json:"path,omitempty"`
	Origin int    `json:"origin"`
}

// Secret is a variable whose value is read when the program starts: from File,
// or from what Command prints.
type Secret struct {
	Name    string   `json:"name"`
	File    *Path    `json:"file,omitempty"`
	Command []string `json:"command,omitempty"`
	Origin  int      `json:"origin"`
}
