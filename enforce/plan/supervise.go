package plan

// Supervise is the policy for calls that are decided at run time.
type Supervise struct {
	OnDenied string `json:"on_denied"` // "deny", "ask" or "log"
	Approver string `json:"approver"`  // "deny", "tty" or "exec:PATH"
	Rate     string `json:"rate"`      // "N/s"
	Burst    int    `json:"burst"`
	Audit    string `json:"audit"` // "none", "denials" or "all"
	Origin   int    `json:"origin"`
}

// Verify pins a file's content.
type Verify struct {
	Path   Path   `json:"path"`
	SHA256 string `json:"sha256"` // lower-case hexadecimal
	Origin int    `json:"origin"`
}
