package main

// attempt is one try to get out of a sandbox, or at something that should be
// closed in it. Words that begin with $ are variables of the stage (stage.go
// and the props name them).
type attempt struct {
	name  string
	tries string // what it tries, for who reads the table
	from  string // where it is known from: a CVE, a manual page

	// run is the command: the program "c" or "sockets" (programs/) or one of the
	// system's, by its path, and its arguments.
	run []string
	// then is a second run in the same stage, for what one run prepares and the
	// next one walks into. It decides.
	then []string
	// profile names the policy that every tool gets (policy.go); "" is project.
	profile string
	// props are what stands outside.
	props []prop
	// seen says from outside whether the attempt worked. Without it the
	// program's own word counts.
	seen seen

	// who runs it: "" for everybody, "root" or "user" where only one can have
	// success without a sandbox.
	who string
	// lacks lists the answers (names of errors) by which a machine or kernel may
	// say that it hasn't what the attempt needs. Without a sandbox every other
	// failure is an error in the suite.
	lacks []string
	// killed sends SIGKILL to what was started, once the program has its lock.
	killed bool
	// mayNotStart is for what a tool may meet by not starting at all.
	mayNotStart bool
}

// area is a group of attempts.
type area struct {
	name     string
	attempts []attempt
}

// areas lists everything there is, in the order of the table.
var areas = []area{
	{"files", filesAttempts},
	{"descriptors", descriptorAttempts},
	{"proc and tracing", processAttempts},
	{"signals and scheduling", signalAttempts},
	{"terminals", terminalAttempts},
	{"IPC and sockets", ipcAttempts},
	{"network", networkAttempts},
	{"keyrings", keyringAttempts},
	{"devices", deviceAttempts},
	{"namespaces and mounts", namespaceAttempts},
	{"kernel surface", kernelAttempts},
	{"other ABIs", abiAttempts},
	{"privileges", privilegeAttempts},
	{"environment", environmentAttempts},
	{"persistence", persistenceAttempts},
	{"resources", resourceAttempts},
}

// forWhom says whether who runs the suite runs this attempt.
func (a *attempt) forWhom(root bool) bool {
	return a.who == "" || (a.who == "root") == root
}
