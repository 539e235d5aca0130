// Package plan holds the plan: everything that a profile decides about one
// command, in the form in which it travels from the renderer to the enforcer.
//
// A plan is data. Whoever writes it has made every decision; whoever reads it
// makes none. Only the heads of paths (see [Path]) stay open until run time.
// The package is linked into the enforcer, which starts on every wrapped
// command, so it imports nothing but a few small packages of the standard
// library; writing a plan, which needs reflection, lives in enforce/plan/encode.
package plan

// Version is the version of the plan's shape. [Decode] refuses every other
// one: an enforcer must not guess at rules that it doesn't know.
const Version = 1

// Plan is the whole policy for one command.
type Plan struct {
	Version int `json:"version"`
	// Profile is the profile's name.
	Profile string `json:"profile"`
	// Command is the name the user types; it becomes argv[0].
	Command string  `json:"command"`
	Program Program `json:"program"`

	Filesystem  Filesystem  `json:"filesystem"`
	Home        Home        `json:"home"`
	Tmp         Tmp         `json:"tmp"`
	Environment Environment `json:"environment"`
	Network     Network     `json:"network"`
	Sockets     []Socket    `json:"sockets,omitempty"`
	DBus        []Bus       `json:"dbus,omitempty"`
	DBusProxy   *DBusProxy  `json:"dbus_proxy,omitempty"`
	Namespaces  Namespaces  `json:"namespaces"`
	Syscalls    Syscalls    `json:"syscalls"`
	Limits      []Limit     `json:"limits,omitempty"`
	Cgroup      Cgroup      `json:"cgroup"`
	Identity    Identity    `json:"identity"`
	Terminal    Terminal    `json:"terminal"`
	LateDrop    *LateDrop   `json:"late_drop,omitempty"`
	Supervise   *Supervise  `json:"supervise,omitempty"`
	Verify      []Verify    `json:"verify,omitempty"`

	// Supervisor is the husk that the waiting parent goes on as where the policy
	// needs decisions at run time, and starts beside itself where the policy ends
	// programs at system calls; absolute, empty where none is needed.
	Supervisor string `json:"supervisor,omitempty"`

	// Descriptors above 2 that the program inherits where the caller has them open.
	Descriptors []int `json:"descriptors,omitempty"`

	// Degrade names what may be missing on a weaker kernel (see the Degrade*
	// constants). What it does not name is required.
	Degrade []string `json:"degrade,omitempty"`

	// Source is the file that the profile was read from (or "library/NAME.hcl"
	// for an embedded one), Origins the table that every rule's Origin indexes.
	// In the file they are the object "provenance" (provenance.go).
	Source  string    `json:"-"`
	Origins []Origin  `json:"-"`
	Written []Written `json:"-"`
}

// What a profile may do without, when it says so (design: "degrade").
const (
	DegradeNamespaces       = "namespaces"
	DegradeNetworkNamespace = "network-namespace"
	DegradeLandlock         = "landlock"
	DegradeLandlockNetwork  = "landlock-network"
	DegradeLandlockScope    = "landlock-scope"
	DegradeSeccomp          = "seccomp"
	DegradeLimits           = "limits"
)

// Degradable lists every name that degrade accepts, in the order in which
// they are documented.
var Degradable = []string{
	DegradeNamespaces, DegradeNetworkNamespace, DegradeLandlock,
	DegradeLandlockNetwork, DegradeLandlockScope, DegradeSeccomp, DegradeLimits,
}

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

// Views of the file system.
const (
	ViewMinimal = "minimal" // system directories and what is granted
	ViewHost    = "host"    // the host's tree read-only, home and credentials hidden
	ViewEmpty   = "empty"   // nothing but the program and what is granted
)

// Filesystem is the file policy. An empty list means none.
type Filesystem struct {
	View    string     `json:"view"`
	Read    []PathRule `json:"read,omitempty"`
	Write   []PathRule `json:"write,omitempty"`
	Execute []PathRule `json:"execute,omitempty"`
	// ExecuteOnly says that execute was given, maybe as an empty list: then
	// only its entries and the system directories may be executed.
	ExecuteOnly bool       `json:"execute_only,omitempty"`
	Hide        []PathRule `json:"hide,omitempty"`
	Protect     []PathRule `json:"protect,omitempty"`
	// Join are directories whose writable parts share one mount.
	Join  []PathRule `json:"join,omitempty"`
	Bind  []Bind     `json:"bind,omitempty"`
	Tmpfs []Tmpfs    `json:"tmpfs,omitempty"`
	// Reserved is never writable inside, whatever is granted: the wrapper
	// directory, the profile directories, husk's binaries and state.
	Reserved []PathRule `json:"reserved,omitempty"`
	// Markers make the nearest parent of the working directory that holds one
	// of them the project root.
	Markers []string `json:"markers,omitempty"`
}

// PathRule is one path of a list, with its origin.
type PathRule struct {
	Path Path `json:"path"`
	// Required makes a path that does not exist an error; else it is skipped.
	Required bool `json:"required,omitempty"`
	// Create makes a directory (mode 0700) where a write grant's path does not
	// exist yet: a tool's cache on its first run.
	Create bool `json:"create,omitempty"`
	Origin int  `json:"origin"`
}

// Access modes of [Bind].
const (
	ModeRead  = "read"
	ModeWrite = "write"
)

// Bind shows From of the host at To inside.
type Bind struct {
	From     Path   `json:"from"`
	To       Path   `json:"to"`
	Mode     string `json:"mode"` // ModeRead or ModeWrite
	Required bool   `json:"required,omitempty"`
	Origin   int    `json:"origin"`
}

// Tmpfs is an empty, writable file system at Path, gone with the session.
type Tmpfs struct {
	Path   Path   `json:"path"`
	Size   uint64 `json:"size"` // bytes; 0 means husk's default
	Origin int    `json:"origin"`
}

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

// Modes of [Network].
const (
	NetworkNone     = "none"
	NetworkFiltered = "filtered"
	NetworkHost     = "host"
)

// Network is the network policy. Loopback permits every port of the sandbox's
// own loopback to be bound and connected to; it means nothing where the
// sandbox has no network namespace of its own.
type Network struct {
	Mode     string    `json:"mode"`
	Connect  []Connect `json:"connect,omitempty"`
	Listen   []Listen  `json:"listen,omitempty"`
	Loopback bool      `json:"loopback,omitempty"`
	Origin   int       `json:"origin"`
}

// Connect permits connections to a name, *.suffix, address or CIDR.
type Connect struct {
	Host     string `json:"host"`
	Ports    []int  `json:"ports,omitempty"`    // 1 to 65535; none means none
	Protocol string `json:"protocol,omitempty"` // "tcp" (also when empty) or "udp"
	Check    string `json:"check,omitempty"`    // "off" lifts the check of SNI and Host
	Origin   int    `json:"origin"`
}

// Listen permits a port to be bound; Publish makes it reachable on the host's
// loopback.
type Listen struct {
	Port    int  `json:"port"`
	Publish bool `json:"publish,omitempty"`
	Origin  int  `json:"origin"`
}

// Socket makes a pathname unix socket reachable.
type Socket struct {
	Path   Path   `json:"path"`
	Access string `json:"access"` // "connect" or "bind"
	Scope  string `json:"scope"`  // "file", "children" or "subtree"
	Origin int    `json:"origin"`
}

// Message buses of [Bus].
const (
	BusSession = "session"
	BusSystem  = "system"
)

// Bus is a D-Bus message bus, of which only what the rules name is reached: a
// filtering proxy stands between.
type Bus struct {
	Bus    string    `json:"bus"` // BusSession or BusSystem
	Rules  []BusRule `json:"rules,omitempty"`
	Origin int       `json:"origin"`
}

// Kinds of [BusRule], as xdg-dbus-proxy(1) has them.
const (
	BusSee       = "see"       // the name's coming and going
	BusTalk      = "talk"      // everything may be called
	BusOwn       = "own"       // the name may be taken
	BusCall      = "call"      // NAME=RULE: some things may be called
	BusBroadcast = "broadcast" // NAME=RULE: some signals are passed on
)

// BusRule permits one name, in the proxy's own words.
type BusRule struct {
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Origin int    `json:"origin"`
}

// DBusProxy is what filters message buses: xdg-dbus-proxy, which runs outside
// of the sandbox and is restricted itself.
type DBusProxy struct {
	// Path is absolute, Grants are read and executed for it to start (see
	// [Program]).
	Path   string   `json:"path"`
	Grants []string `json:"grants,omitempty"`
	// Filter is an array of struct sock_filter for Arch (a GOARCH).
	Arch   string `json:"arch"`
	Filter []byte `json:"filter"`
}

// Names of namespaces, as share takes them (namespaces(7)).
const (
	NamespaceUser   = "user"
	NamespaceMount  = "mount"
	NamespacePID    = "pid"
	NamespaceNet    = "net"
	NamespaceIPC    = "ipc"
	NamespaceUTS    = "uts"
	NamespaceCgroup = "cgroup"
	NamespaceTime   = "time"
)

// AllNamespaces lists every kind that is new unless shared.
var AllNamespaces = []string{
	NamespaceUser, NamespaceMount, NamespacePID, NamespaceNet,
	NamespaceIPC, NamespaceUTS, NamespaceCgroup, NamespaceTime,
}

// Namespaces lists the ones that are not new.
type Namespaces struct {
	Share  []string `json:"share,omitempty"`
	Origin int      `json:"origin"`
}

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
