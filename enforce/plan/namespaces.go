package plan

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
