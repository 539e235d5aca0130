package hcl

// Merging is written once for every attribute and block: see the package's
// documentation for the rules.

// smallList is the length up to which a list is searched without an index.
const smallList = 16

// addRules gives old and then those of more whose key is not there yet. A
// path that was optional and is required by a later one becomes required, and
// one that any of them creates is created.
func addRules(old, more []rule) []rule {
	if len(more) == 0 && old != nil {
		return old
	}
	all := make([]rule, 0, len(old)+len(more))
	all = append(all, old...)
	find := finder(old, len(old)+len(more))
	for _, r := range more {
		at, known := find(r.key, len(all))
		switch {
		case !known:
			all = append(all, r)
		case r.required && !all[at].required, r.create && !all[at].create:
			r.required, r.create = r.required || all[at].required, r.create || all[at].create
			all[at] = r
		}
	}
	return all
}

// finder gives a function that finds the place of a key among the rules seen
// so far, and otherwise remembers it as the one at next.
func finder(rules []rule, total int) func(key string, next int) (int, bool) {
	if total <= smallList {
		keys := make([]string, len(rules), total)
		for i, r := range rules {
			keys[i] = r.key
		}
		return func(key string, _ int) (int, bool) {
			for i, k := range keys {
				if k == key {
					return i, true
				}
			}
			keys = append(keys, key)
			return 0, false
		}
	}
	places := make(map[string]int, total)
	for i, r := range rules {
		places[r.key] = i
	}
	return func(key string, next int) (int, bool) {
		if at, known := places[key]; known {
			return at, true
		}
		places[key] = next
		return 0, false
	}
}

// setRules merges by key: a later value replaces, unless an earlier one
// already overrides it.
func setRules(old, more []rule) []rule {
	all := make([]rule, 0, len(old)+len(more))
	all = append(all, old...)
	find := finder(old, len(old)+len(more))
	for _, r := range more {
		at, known := find(r.key, len(all))
		switch {
		case !known:
			all = append(all, r)
		case !overridden(r, all[at]):
			all[at] = r
		}
	}
	return all
}

// overridden reports whether held overrides r: r comes from an ancestor of the
// profile that wrote held.
func overridden(r, held rule) bool {
	return held.chain.owner().ancestors[r.chain.owner()]
}

// mappings are the names of the lists that merge by key.
var mappings = mappingNames(profileLanguage, "", map[string]bool{})

func mappingNames(b *block, prefix string, into map[string]bool) map[string]bool {
	for _, a := range b.attributes {
		if a.shape == mapping {
			into[prefix+a.name] = true
		}
	}
	for _, inner := range b.blocks {
		if inner.label == "" {
			mappingNames(inner, prefix+inner.name+".", into)
		}
	}
	return into
}

// ownNames are the settings that a child doesn't inherit.
var ownNames = map[string]bool{"description": true, "inherits": true, "commands": true, "command": true}

// inherit folds a parent's settings into those that a child has so far,
// without what is the parent's own.
func (s *settings) inherit(parent *settings, through func(*link) *link) {
	s.fold(parent, through, ownNames)
}

// fold merges other into s, but for the names in skip; through gives each
// value its new chain. Both stay as they are for others: lists are replaced,
// never appended to.
func (s *settings) fold(other *settings, through func(*link) *link, skip map[string]bool) {
	lift := func(r rule) rule { return rule{r.value, through(r.chain)} }
	for name, r := range other.singles {
		if skip[name] {
			continue
		}
		held, known := s.singles[name]
		if known && overridden(r, held) {
			continue
		}
		s.singles[name] = lift(r)
	}
	for name, rules := range other.lists {
		if skip[name] {
			continue
		}
		lifted := make([]rule, len(rules))
		for i, r := range rules {
			lifted[i] = lift(r)
		}
		s.addList(name, lifted)
	}
	for name, r := range other.given {
		if _, known := s.given[name]; !known {
			s.given[name] = lift(r)
		}
	}
	for name, entries := range other.blocks {
		if skip[name] {
			continue
		}
		lifted := make([]*entry, len(entries))
		for i, e := range entries {
			body := newSettings()
			body.fold(e.body, through, nil)
			lifted[i] = &entry{label: lift(e.label), key: e.key, body: body}
		}
		s.addBlocks(name, lifted)
	}
}

func (s *settings) addList(name string, rules []rule) {
	if mappings[name] {
		s.lists[name] = setRules(s.lists[name], rules)
	} else {
		s.lists[name] = addRules(s.lists[name], rules)
	}
}

func (s *settings) addBlocks(name string, entries []*entry) {
	all := append([]*entry(nil), s.blocks[name]...)
	index := make(map[string]int, len(all)+len(entries))
	for i, e := range all {
		index[e.key] = i
	}
	for _, e := range entries {
		i, known := index[e.key]
		if !known {
			index[e.key] = len(all)
			all = append(all, e)
			continue
		}
		all[i] = mergeEntries(all[i], e)
	}
	s.blocks[name] = all
}

func mergeEntries(held, e *entry) *entry {
	body := newSettings()
	keep := func(l *link) *link { return l }
	body.fold(held.body, keep, nil)
	body.apply(e.body)
	label := e.label
	if overridden(e.label, held.label) {
		label = held.label
	}
	return &entry{label: label, key: held.key, body: body}
}

// apply puts a profile's own settings over what it inherited.
func (s *settings) apply(own *settings) {
	for name, r := range own.singles {
		if held, known := s.singles[name]; known && !r.reset && overridden(r, held) {
			continue
		}
		s.singles[name] = r
		if r.reset {
			delete(s.lists, name)
			delete(s.given, name)
		}
	}
	for name, rules := range own.lists {
		s.addList(name, rules)
	}
	for name, r := range own.given {
		s.given[name] = r
	}
	for name, entries := range own.blocks {
		s.addBlocks(name, entries)
	}
}

// keyOr gives the rule's key, or fallback where there is no rule.
func (r rule) keyOr(fallback string) string {
	if r.value == nil {
		return fallback
	}
	return r.key
}
