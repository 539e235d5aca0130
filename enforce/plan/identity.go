package plan

// Users of [Identity].
const (
	IdentitySelf      = "self"
	IdentityRoot      = "root"
	IdentityDedicated = "dedicated"
	IdentityUnique    = "unique"
)

// Identity says who the program is.
type Identity struct {
	User string `json:"user"`
	// Title puts "husk:PROFILE/" before the name in argv[0].
	Title bool `json:"title,omitempty"`
	// Undumpable keeps the program's memory from the sandbox's other processes.
	Undumpable bool `json:"undumpable,omitempty"`
	Origin     int  `json:"origin"`
}

// Terminal is the policy for the controlling terminal.
type Terminal struct {
	NewSession bool `json:"new_session,omitempty"`
	Origin     int  `json:"origin"`
}

// LateDrop offers the chroot interface of the old setuid sandbox helper.
type LateDrop struct {
	Chroot bool `json:"chroot"`
	Origin int  `json:"origin"`
}
