package plan

// Values of [Tmp].
const (
	TmpSession = "session"
	TmpHost    = "host"

	SlashTmpPrivate = "private"
	SlashTmpDenied  = "denied"

	CleanupParent = "parent"
	CleanupSystem = "system"
)

// Tmp is the policy of temporary files.
type Tmp struct {
	Mode     string `json:"mode"`      // TmpSession or TmpHost
	SlashTmp string `json:"slash_tmp"` // SlashTmpPrivate or SlashTmpDenied
	Strict   bool   `json:"strict,omitempty"`
	Cleanup  string `json:"cleanup"`        // CleanupParent or CleanupSystem
	Size     uint64 `json:"size,omitempty"` // bytes of the private /tmp; 0 means husk's default
	Origin   int    `json:"origin"`
}
