package kernel

import (
	"slices"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// Tier is how much of a sandbox can be had, strongest first.
type Tier struct {
	Name string
	// Degrade is what a profile must name to be run in it; nothing for the whole.
	Degrade []string
}

// Tiers are the ones that husk has. Without both namespaces and Landlock no
// file policy is left.
var Tiers = []Tier{
	{Name: "whole"},
	{Name: "without Landlock", Degrade: []string{plan.DegradeLandlock}},
	{Name: "without namespaces", Degrade: []string{plan.DegradeNamespaces}},
}

// Guarantee is something that the sandbox promises, and how each tier of Tiers
// keeps it. What begins with "yes" is kept.
type Guarantee struct {
	What  string
	Holds [3]string
}

// Guarantees is the table of docs/tiers.md.
var Guarantees = []Guarantee{
	{"nothing but what is granted can be read", [3]string{
		"yes, by the view and by Landlock", "yes, by the view", "yes, by Landlock; that a file exists, its size and owner can be seen"}},
	{"nothing but what is granted can be written", [3]string{
		"yes, by the view and by Landlock", "yes, by the view", "yes, by Landlock; modes, times and attributes of the user's files can be changed"}},
	{"hide and protect inside a granted tree", [3]string{"yes", "yes", "no"}},
	{"nothing of the host's /tmp", [3]string{"yes", "yes", "no, it can be read; with strict it cannot"}},
	{"no session reads another's directory", [3]string{"yes", "yes", "yes; the names in it can be seen, with strict they cannot"}},
	{"the size of tmp", [3]string{"yes", "yes", "no"}},
	{"no network in mode none", [3]string{"yes", "yes", "no, TCP alone is kept away, by Landlock from ABI 4"}},
	{"a filtered network", [3]string{"yes", "yes", "no, TCP to the ports of the rules reaches any host, by Landlock from ABI 4; UDP is open"}},
	{"no process outside is seen", [3]string{"yes", "yes", "no"}},
	{"no process outside is traced or read", [3]string{"yes", "yes", "yes, by Landlock"}},
	{"no process outside gets a signal", [3]string{"yes", "yes", "yes, by Landlock from ABI 6"}},
	{"System V IPC and the host's name are apart", [3]string{"yes", "yes", "no"}},
	{"all that was started ends with the command", [3]string{"yes", "yes", "yes, unless the wrapper is killed by SIGKILL"}},
	{"system calls, keyrings, terminal", [3]string{"yes", "yes", "yes"}},
	{"environment, secrets, limits", [3]string{"yes", "yes", "yes"}},
	{"the session directory is gone afterwards", [3]string{"yes", "yes", "yes"}},
}

// Available says which of Tiers can be had where these features are: a tier
// needs all but those that its profiles do without.
func Available(features []Feature) []bool {
	has := make([]bool, len(Tiers))
	for i, t := range Tiers {
		has[i] = !slices.ContainsFunc(features, func(f Feature) bool {
			return !f.Available && !f.Optional && !t.without(f.Degrade)
		})
	}
	return has
}

// without says whether the tier does without what degrade calls so; what is a
// part of it goes with it.
func (t *Tier) without(name string) bool {
	for _, d := range t.Degrade {
		switch {
		case d == name,
			d == plan.DegradeLandlock && (name == plan.DegradeLandlockNetwork || name == plan.DegradeLandlockScope),
			d == plan.DegradeNamespaces && name == plan.DegradeNetworkNamespace:
			return true
		}
	}
	return false
}
