package seccomp

import (
	"strings"

	"github.com/husk-sandbox/husk/enforce/plan"
	"github.com/husk-sandbox/husk/enforce/seccomp/table"
)

// Group is a name with @ that stands for several calls.
type Group struct {
	Name    string // with its @
	Summary string
	// Calls are the members that are meant without a condition, and other
	// groups, separated by blanks.
	Calls string
	// Members are calls under a condition, or with an answer of their own.
	Members []Member
}

// Member is one call of a group.
type Member struct {
	Call string
	// When is a condition; empty means every such call.
	When string
	// Answer, where not empty, is the action for this member where a list
	// permits the group: a refusal that the group's programs cope with.
	Answer string
	// With names other groups that lists of the same action must hold for this
	// member to count, separated by blanks: opening for reading and writing takes
	// two promises.
	With string
}

// allCalls is the group that holds every call that husk knows.
const allCalls = "@known"

// groupTables are the tables in the order in which [Groups] gives them.
func groupTables() [][]Group {
	return [][]Group{systemGroups, startGroups, setGroups(), pledgeGroups()}
}

// Groups lists every group, for documentation: husk's own after the well-known
// ones.
func Groups() []Group {
	var out []Group
	for _, table := range groupTables() {
		out = append(out, table...)
	}
	return append(out, Group{Name: allCalls, Summary: "every call that husk knows", Calls: strings.Join(callNames(), " ")})
}

func findGroup(name string) (*Group, bool) {
	for _, table := range groupTables() {
		for i := range table {
			if table[i].Name == name {
				return &table[i], true
			}
		}
	}
	if name == allCalls {
		return &Group{Name: allCalls, Calls: strings.Join(callNames(), " ")}, true
	}
	return nil, false
}

func callNames() []string {
	calls := table.Calls()
	out := make([]string, len(calls))
	for i, c := range calls {
		out[i] = c.Name
	}
	return out
}

// Expand gives the calls of the group itself and of the groups in it, each
// once where it has no condition. with are the other groups that lists of the
// same action name.
func (g *Group) Expand(with []string) []Member {
	have := map[string]bool{}
	for _, name := range with {
		have[name] = true
	}
	return g.expand(have)
}

func (g *Group) expand(with map[string]bool) []Member {
	var out []Member
	seen := map[string]bool{}
	g.walk(func(m Member) {
		plain := m.When == "" && m.Answer == ""
		if plain && seen[m.Call] || !covers(with, m.With) {
			return
		}
		seen[m.Call] = seen[m.Call] || plain
		out = append(out, m)
	})
	return out
}

func (g *Group) walk(visit func(Member)) {
	for _, name := range strings.Fields(g.Calls) {
		if inner, ok := findGroup(name); ok {
			inner.walk(visit)
			continue
		}
		visit(Member{Call: name})
	}
	for _, m := range g.Members {
		visit(m)
	}
}

// groupsByAction gives the groups that the lists of each action name. A profile
// may write them in one list or in several, and inherit some.
func groupsByAction(lists []plan.SyscallList) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, list := range lists {
		for _, name := range list.Names {
			if !strings.HasPrefix(name, "@") {
				continue
			}
			if out[list.Action] == nil {
				out[list.Action] = map[string]bool{}
			}
			out[list.Action][name] = true
		}
	}
	return out
}

func covers(have map[string]bool, want string) bool {
	for _, name := range strings.Fields(want) {
		if !have[name] {
			return false
		}
	}
	return true
}
