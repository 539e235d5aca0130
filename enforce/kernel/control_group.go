package kernel

import (
	"strings"

	"github.com/husk-sandbox/husk/enforce/cgroup"
)

// groupFeature is the name of the feature that [controlGroup] gives.
const groupFeature = "control groups of one's own (limits)"

// controlGroup looks for a cgroup v2 in which a session may have its own: with
// memory and pids, which every profile would have, and cpu, which some want.
func controlGroup() Feature {
	h, err := cgroup.Host()
	if err != nil {
		return Feature{Name: groupFeature, Optional: true, Detail: err.Error(), Hint: versionTwoHint}
	}
	return groupIn(h)
}

const (
	versionTwoHint = "limits hold for each process and not for all together here; cgroup v2 has them where the kernel's command line says " +
		"systemd.unified_cgroup_hierarchy=1, and no version 1 has the controllers"
	delegateHint = "limits hold for each process and not for all together here; systemd's user manager delegates memory and pids to what is started below it: " +
		"systemd-run --user --scope COMMAND (loginctl enable-linger has the manager run)"
	cpuHint = "Delegate=cpu memory pids for user@.service gives it (systemctl edit user@.service)"
)

// groupIn looks in one hierarchy, as a start does: a profile that requires a
// group may switch controllers on for it, any other takes one where they are.
func groupIn(h cgroup.Hierarchy) Feature {
	f := Feature{Name: groupFeature, Optional: true}
	usual := []string{cgroup.Memory, cgroup.Processes}
	place, err := h.Find(usual, false)
	forRequired := ""
	if err != nil {
		place, err = h.Find(usual, true)
		forRequired = " for profiles that say cgroup = \"required\", which has to switch on " + strings.Join(place.Missing, ", ")
	}
	if err != nil {
		f.Detail, f.Hint = err.Error(), delegateHint
		if !h.Offers(usual) {
			f.Hint = versionTwoHint
		}
		return f
	}
	f.Available, f.Detail = true, "memory, pids in "+place.Path+forRequired
	if _, err := h.Find([]string{cgroup.Memory, cgroup.Processes, cgroup.CPU}, true); err == nil {
		f.Detail += "; cpu"
	} else {
		f.Detail += "; no cpu: " + cpuHint
	}
	return f
}
