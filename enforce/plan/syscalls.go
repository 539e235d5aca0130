package plan

// Syscalls is the system call policy: as written, and compiled. An action is
// "allow", "errno:NAME", "trap", "kill", "log" or "notify".
type Syscalls struct {
	Default string `json:"default"`
	// ForeignABI is the action for calls of another ABI than the program's own
	// (i386 and x32 on x86-64, arm on arm64).
	ForeignABI string `json:"foreign_abi"`
	// NoCore says that the profile allows no core dump ([LimitCore] is 0): the
	// filter keeps the limit at what the enforcer sets it to.
	NoCore bool          `json:"no_core,omitempty"`
	Lists  []SyscallList `json:"lists,omitempty"`
	Rules  []SyscallRule `json:"rules,omitempty"`
	// Arch (a GOARCH) is what Program was compiled for.
	Arch string `json:"arch,omitempty"`
	// Program is an array of struct sock_filter in the byte order of Arch
	// (both are little-endian), base64 in the file.
	Program []byte `json:"program,omitempty"`
	// LogProgram is there where the policy logs anything: a second filter, that
	// hands what it logs to the waiting parent ([Syscalls.Line]).
	LogProgram []byte `json:"log_program,omitempty"`
	Origin     int    `json:"origin"`
}

// Logs says whether any line of the policy, as it is written, logs calls.
func (s *Syscalls) Logs() bool {
	const log = "log"
	logs := s.Default == log
	for _, l := range s.Lists {
		logs = logs || l.Action == log
	}
	for _, r := range s.Rules {
		logs = logs || r.Action == log
	}
	return logs
}

// Line gives the origin of the line that logs a call: LogProgram has its number
// in the lower 16 bits of what it returns, 0 for the default, then the lists,
// then the rules.
func (s *Syscalls) Line(number int) (origin int) {
	switch lists := len(s.Lists); {
	case number < 0 || number > lists+len(s.Rules):
		return NoOrigin
	case number == 0:
		return s.Origin
	case number <= lists:
		return s.Lists[number-1].Origin
	default:
		return s.Rules[number-1-lists].Origin
	}
}

// Ends says whether any line of the policy, as it is written, ends programs at
// calls of the machine's own ABI.
func (s *Syscalls) Ends() bool {
	ends := func(action string) bool { return action == "kill" || action == "trap" }
	if ends(s.Default) {
		return true
	}
	for _, l := range s.Lists {
		if ends(l.Action) {
			return true
		}
	}
	for _, r := range s.Rules {
		if ends(r.Action) {
			return true
		}
	}
	return false
}

// SyscallList gives one action to several calls: names, or @groups.
type SyscallList struct {
	Action string   `json:"action"`
	Names  []string `json:"names"`
	Origin int      `json:"origin"`
}

// SyscallRule gives one call an action under a condition over its arguments.
type SyscallRule struct {
	Call   string `json:"call"`
	When   string `json:"when,omitempty"`
	Action string `json:"action"`
	Origin int    `json:"origin"`
}
