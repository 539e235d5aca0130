package seccomp

// By says what kind of line decides about a call, in the order of precedence.
type By int

// The kinds.
const (
	ByRule     By = iota // a rule block
	ByName               // a list that names the call itself
	ByGroup              // a list that names a group with the call in it
	ByBaseline           // husk's own refusals
	ByDefault            // the default action
)

// String gives the kind as messages name it.
func (b By) String() string {
	return [...]string{"rule", "list", "group", "husk's baseline", "default"}[b]
}
