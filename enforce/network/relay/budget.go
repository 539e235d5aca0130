package relay

// Budget is how a process's descriptors are shared out.
type Budget struct {
	Connections int // at once; more of them wait in the listeners' queues
	Pipes       int // that data is moved through; without one it is copied
}

// Bounds of a budget.
const (
	// reserve is for everything else: listeners, the log, questions for names, and
	// second addresses that are tried beside the first.
	reserve = 256
	// mostConnections may each hold two buffers of 16 KiB, outside of the sandbox's
	// limits.
	mostConnections = 1 << 14
	mostPipes       = 512
)

// NewBudget shares out limit descriptors (getrlimit(2), RLIMIT_NOFILE): two for a
// connection, one for each side, two for a pipe. Where there are few, half of them
// are kept for everything else.
func NewBudget(limit uint64) Budget {
	n := int(min(limit, 1<<20))
	n -= min(reserve, n/2)
	b := Budget{Pipes: min(n/8, max(8, n/256), mostPipes)}
	b.Connections = max(1, min((n-2*b.Pipes)/2, mostConnections))
	return b
}
