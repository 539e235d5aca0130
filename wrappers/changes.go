package wrappers

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// changes is the difference between a wrapper directory and what is wanted.
// The lists hold file names, sorted.
type changes struct {
	wanted  map[string]File
	create  []string // not there
	replace []string // husk's, another content or mode
	keep    []string // husk's, as wanted
	remove  []string // husk's, not wanted
	forget  []string // listed, not wanted, and gone already
	left    []Left
}

// State of a file in the wrapper directory.
type state int

const (
	absent   state = iota
	current        // has the wanted content and mode
	outdated       // husk wrote it, with another content or mode
	edited         // husk wrote it, somebody changed it
	foreign        // husk did not write it
)

// decide compares the directory with what is wanted. It changes nothing.
func decide(d *directory, m *manifest, wanted map[string]File) (*changes, error) {
	c := &changes{wanted: wanted}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		f := wanted[name]
		s, err := d.state(m, name, &f)
		if err != nil {
			return nil, err
		}
		switch s {
		case absent:
			c.create = append(c.create, name)
		case current:
			c.keep = append(c.keep, name)
		case outdated:
			c.replace = append(c.replace, name)
		case edited:
			c.leave(d, name, "was edited by hand")
		case foreign:
			c.leave(d, name, "was not written by husk")
		}
	}
	return c, c.decideStale(d, m)
}

// decideStale finds what husk wrote and nobody asks for any more.
func (c *changes) decideStale(d *directory, m *manifest) error {
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		if _, ok := c.wanted[name]; ok {
			continue
		}
		s, err := d.state(m, name, nil)
		if err != nil {
			return err
		}
		switch s {
		case absent:
			c.forget = append(c.forget, name)
		case outdated:
			c.remove = append(c.remove, name)
		default:
			c.leave(d, name, "was edited by hand, and no profile asks for it any more")
		}
	}
	return nil
}

func (c *changes) leave(d *directory, name, why string) {
	c.left = append(c.left, Left{Path: filepath.Join(d.path, name), Why: why})
}

// state says whose the file is. want is nil for a file that nobody wants.
func (d *directory) state(m *manifest, name string, want *File) (state, error) {
	fi, err := d.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return absent, nil
	}
	if err != nil {
		return 0, err
	}
	e, listed := m.Files[name]
	if !fi.Mode().IsRegular() {
		return map[bool]state{true: edited, false: foreign}[listed], nil
	}
	has := e.SHA256
	if !listed || !m.untouched(e, fi) {
		content, err := d.root.ReadFile(name)
		if err != nil {
			return 0, err
		}
		has = digest(content)
	}
	switch {
	case want != nil && has == digest(want.Content) && fi.Mode().Perm() == want.Mode:
		return current, nil // also a file whose entry a crash kept from being saved
	case listed && (has == e.SHA256 || has == e.Pending):
		return outdated, nil
	case listed:
		return edited, nil
	}
	return foreign, nil
}

func (c *changes) report(d *directory) Report {
	written := slices.Concat(c.create, c.replace)
	slices.Sort(written)
	return Report{Written: written, Removed: c.remove, Unchanged: len(c.keep), Left: c.left}
}

// diff gives the changes as a unified diff.
func (c *changes) diff(d *directory) ([]byte, error) {
	var out bytes.Buffer
	type change struct{ name, kind string }
	var all []change
	for kind, names := range map[string][]string{"create": c.create, "replace": c.replace, "remove": c.remove} {
		for _, name := range names {
			all = append(all, change{name, kind})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	for _, ch := range all {
		from, to := path.Join("a", ch.name), path.Join("b", ch.name)
		var before, after []byte
		if ch.kind == "create" {
			from = os.DevNull
		} else {
			content, err := d.root.ReadFile(ch.name)
			if err != nil {
				return nil, err
			}
			before = content
		}
		if ch.kind == "remove" {
			to = os.DevNull
		} else {
			after = c.wanted[ch.name].Content
		}
		out.Write(UnifiedDiff(from, to, before, after))
	}
	return out.Bytes(), nil
}

// install carries the changes out. The manifest is saved before and after: in
// between it says for each file what it may hold, so a crash at any moment leaves
// files that the next run knows as husk's.
func (c *changes) install(d *directory, m *manifest, memo *Memo) error {
	if c.nothingToDo() && sameMemo(m.Memo, memo) && c.settled(d, m) {
		return nil
	}
	m.Memo = nil
	for _, name := range slices.Concat(c.create, c.replace) {
		e := m.Files[name]
		e.Pending = digest(c.wanted[name].Content)
		m.Files[name] = e
	}
	if !c.nothingToDo() {
		if err := d.saveManifest(m); err != nil {
			return err
		}
	}
	err := c.write(d)
	if err == nil {
		err = c.takeAway(d, m)
	}
	if err != nil {
		return err
	}
	if err := c.record(d, m); err != nil {
		return err
	}
	m.Memo = memo
	return d.saveManifest(m)
}

func (c *changes) nothingToDo() bool {
	return len(c.create)+len(c.replace)+len(c.remove)+len(c.forget) == 0
}

// settled says whether the manifest describes every kept file well enough for
// the next run not to read it.
func (c *changes) settled(d *directory, m *manifest) bool {
	for _, name := range c.keep {
		fi, err := d.root.Lstat(name)
		if e, ok := m.Files[name]; err != nil || !ok || !m.untouched(e, fi) {
			return false
		}
	}
	return true
}

// write makes the new files: all of them beside the old ones, one sync, then
// each takes its name.
func (c *changes) write(d *directory) error {
	names := slices.Concat(c.create, c.replace)
	if len(names) == 0 {
		return nil
	}
	for i, name := range names {
		if dir := path.Dir(name); dir != "." {
			if err := d.root.MkdirAll(dir, 0o755); err != nil {
				return err
			}
		}
		f := c.wanted[name]
		if err := d.writeTemp(tempName(i), f.Mode, f.Content); err != nil {
			return err
		}
	}
	if err := d.sync(); err != nil {
		return err
	}
	for i, name := range names {
		if err := d.rename(tempName(i), name, i >= len(c.create)); err != nil {
			return err
		}
	}
	return nil
}

func tempName(i int) string { return fmt.Sprintf("%s%d", tempPrefix, i) }

// takeAway removes what nobody asks for, with directories that become empty.
func (c *changes) takeAway(d *directory, m *manifest) error {
	for _, name := range slices.Concat(c.remove, c.forget) {
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		delete(m.Files, name)
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if d.root.Remove(dir) != nil {
				break // not empty: something else is in there
			}
		}
	}
	return nil
}

// record brings the manifest's entries up to date.
func (c *changes) record(d *directory, m *manifest) error {
	for _, name := range slices.Concat(c.create, c.replace, c.keep) {
		fi, err := d.root.Lstat(name)
		if err != nil {
			return err
		}
		m.Files[name] = entry{SHA256: digest(c.wanted[name].Content), Stat: fingerprintOf(fi)}
	}
	return nil
}
