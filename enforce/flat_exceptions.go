package enforce

import "github.com/husk-sandbox/husk/enforce/namespaces"

// flatExceptions refuses what Landlock alone can't hold: its rights add up along
// a path, so nothing in a granted tree can be taken out again. A profile that
// does without namespaces does without hide and protect there, and is told so at
// every start; what is husk's own is never to be done without.
func flatExceptions(s *setting) error {
	var writable, readable []string
	for _, root := range s.writableRoots() {
		writable = append(writable, root.source)
	}
	for i := range s.files.grants {
		readable = append(readable, s.files.grants[i].path)
	}
	for _, list := range []struct {
		rules    []grant
		in       []string
		what     string
		optional bool
	}{
		{s.files.reserved, writable, "husk's own ", false},
		{s.files.protect, writable, "the protected path ", true},
		{s.files.hide, append(readable, writable...), "the hidden path ", true},
	} {
		for i := range list.rules {
			g := &list.rules[i]
			if tree, ok := around(list.in, g.path); ok && !(list.optional && s.lowered) {
				return &Failure{Text: list.what + g.path + " lies in " + tree + ", which is granted: only a mount namespace can keep it apart",
					From: where(s.plan, g.origin), Hint: "grant less, or let the profile have a mount namespace"}
			}
		}
	}
	return nil
}

// around gives the tree that holds p.
func around(trees []string, p string) (string, bool) {
	for _, tree := range trees {
		if namespaces.Within(p, tree) {
			return tree, true
		}
	}
	return "", false
}
