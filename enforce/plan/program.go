package plan

// Program is the real program behind the command.
type Program struct {
	// Path is absolute, with every symbolic link that the name goes through
	// still in it: a multi-call binary looks at the name it was started by.
	Path string `json:"path"`
	// Args stand before the caller's arguments.
	Args []string `json:"args,omitempty"`
	// Grants are read and executed inside whatever the profile says: the links
	// on the way to the program, the file itself, its interpreter, and the
	// prefixes they are installed in. Absolute paths.
	Grants []string `json:"grants,omitempty"`
	// Closure, where not empty, is all that can be read and executed below
	// /nix/store: store paths, the program's own and what they refer to. Landlock
	// holds it, since a mount for each would take seconds; in the host view, which
	// grants the whole tree, it bounds nothing.
	Closure []string `json:"closure,omitempty"`
	// Digest, where not empty, is the SHA-256 of the file in lower-case
	// hexadecimal; any other content is refused.
	Digest string `json:"digest,omitempty"`
}
