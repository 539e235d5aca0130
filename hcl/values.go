package hcl

import (
	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// value is one decoded entry: of a list, a map, or a single attribute. Which
// fields count depends on the attribute's kind.
type value struct {
	at     hashi.Range
	key    string // what makes two entries of a list the same
	text   string
	number uint64
	flag   bool
	path   *plan.Path
	// required is true for required(path), create for create(path).
	required bool
	create   bool
	// group is the key of an entry of a map of lists.
	group string
	// texts are the elements of a list that is one value (args).
	texts []string
	// reset is true for "x = null".
	reset bool
}

// link is the chain of profiles that a value came through, the one that
// inherits first, the one that writes it last.
type link struct {
	profile *profile
	next    *link
}

// owner gives the profile whose text holds the value.
func (l *link) owner() *profile {
	for l.next != nil {
		l = l.next
	}
	return l.profile
}

// rule is a value with the way it came.
type rule struct {
	*value
	chain *link
}

// entry is one labelled block. Blocks of one kind with the same key are
// merged.
type entry struct {
	label rule
	key   string
	body  *settings
}

// settings are the decoded contents of a profile or of a labelled block. Names
// are those of the attribute with the unlabelled blocks around it:
// "filesystem.view". They are not changed once others can see them.
type settings struct {
	singles map[string]rule
	// lists holds lists and maps; a key with an empty list means that the
	// list was given, and is empty.
	lists  map[string][]rule
	blocks map[string][]*entry
	// given are the unlabelled blocks that were written, if only empty, and the
	// lists that were written and are empty.
	given map[string]rule
}

func newSettings() *settings {
	return &settings{
		singles: make(map[string]rule),
		lists:   make(map[string][]rule),
		blocks:  make(map[string][]*entry),
		given:   make(map[string]rule),
	}
}

// single gives a value that was written and not reset.
func (s *settings) single(name string) (rule, bool) {
	r, ok := s.singles[name]
	return r, ok && !r.reset
}

// text gives a single value's text, or fallback, with its rule.
func (s *settings) text(name, fallback string) (string, rule) {
	if r, ok := s.single(name); ok {
		return r.text, r
	}
	return fallback, rule{}
}

// flag gives a single value that is true or false.
func (s *settings) flag(name string) (bool, rule) {
	r, ok := s.single(name)
	if !ok {
		return false, rule{}
	}
	return r.flag, r
}

// number gives a single number, or fallback.
func (s *settings) number(name string, fallback uint64) (uint64, rule) {
	if r, ok := s.single(name); ok {
		return r.number, r
	}
	return fallback, rule{}
}

// size says about how many units of budget it takes to copy the settings.
func (s *settings) size() int {
	n := len(s.singles)
	for _, l := range s.lists {
		n += len(l)
	}
	for _, b := range s.blocks {
		n += 4 * len(b)
	}
	return 4 * n
}
