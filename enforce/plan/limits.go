package plan

// Names of limits.
const (
	LimitProcesses = "processes" // count
	LimitFiles     = "files"     // open descriptors per process, count
	LimitMemory    = "memory"    // bytes
	LimitFileSize  = "file_size" // bytes
	LimitCPUTime   = "cpu_time"  // seconds
	LimitWallTime  = "wall_time" // seconds
	LimitCore      = "core"      // bytes
	LimitCPU       = "cpu"       // percent of one processor
)

// Unlimited is the value of a limit that a profile lifts: the caller's own
// bound stays.
const Unlimited = ^uint64(0)

// LimitNames lists every limit.
var LimitNames = []string{
	LimitProcesses, LimitFiles, LimitMemory, LimitFileSize,
	LimitCPUTime, LimitWallTime, LimitCore, LimitCPU,
}

// Limit is one bound, in the unit that its name's constant gives.
type Limit struct {
	Name   string `json:"name"`
	Value  uint64 `json:"value"`
	Origin int    `json:"origin"`
}

// Modes of [Cgroup].
const (
	CgroupAuto     = "auto"     // where one can be had
	CgroupRequired = "required" // or nothing starts
	CgroupOff      = "off"      // never
)

// Cgroup says whether a control group holds the session's limits on memory,
// processes and processor as a whole.
type Cgroup struct {
	Mode   string `json:"mode"` // "" means CgroupOff
	Origin int    `json:"origin"`
}
