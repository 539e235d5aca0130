package plan

// Modes of [Home].
const (
	HomeGranted    = "granted"    // only what the file policy grants
	HomePrivate    = "private"    // an empty one, gone with the session
	HomePersistent = "persistent" // one of the profile's own, kept
	HomeHost       = "host"       // the user's
)

// Home says what the home directory is inside.
type Home struct {
	Mode   string `json:"mode"`
	Origin int    `json:"origin"`
}
