package namespaces

import (
	"errors"

	"github.com/husk-sandbox/husk/enforce/steps"
)

// copied stands in the new root while it is built: what Unread shows.
const copied = ".husk-copy"

// unread puts a copy over a file that nobody may read, its owner neither, and
// that no one can open the mode of: its mount is read-only.
func (b *builder) unread(at string, p Place) error {
	if !b.under[0].own {
		return errors.New("a copy of " + p.Path + " has no place in the host view")
	}
	b.list.File(copied, 0o111, p.Content, p.Origin)
	b.list.Bind(copied, at, steps.BindOptions{File: true, Existing: true, Foreign: b.isForeign(Parent(p.Path)), Origin: p.Origin})
	b.list.Remove(copied)
	b.mount(p.Path, false)
	return nil
}
