package wrappers

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Memo is what a run of apply looked at beside the profiles, and what it found:
// with it the next run can tell that there is nothing to do without rendering
// anything. Everything in it is looked at again; nothing is believed because of
// its age.
type Memo struct {
	// Stamp stands for all that was read to resolve the profiles and, once it is
	// in a manifest, for the options of [Apply]. It is compared, no more.
	Stamp string `json:"stamp"`
	// Environment are the variables that decided where something is.
	Environment map[string]string `json:"environment,omitempty"`
	// Programs are the questions to the finder with the digest of each answer.
	Programs []remembered `json:"programs,omitempty"`
}

type remembered struct {
	Question question `json:"question"`
	Answer   string   `json:"answer"`
}

// question is all that decides which program is found, beside the file system,
// PATH and the environment.
type question struct {
	Exec     string   `json:"exec"`
	Digest   string   `json:"digest,omitempty"`
	Whole    bool     `json:"whole,omitempty"` // system directories are not visible
	Writable writable `json:"writable"`
}

func (q question) key() string {
	return fmt.Sprintf("%q %q %t %q %q", q.Exec, q.Digest, q.Whole, q.Writable.Trees, q.Writable.Protected)
}

// asked is a question with its answer.
type asked struct {
	question question
	found    Found
	err      error
}

func (f Found) digest() (string, error) {
	text, err := json.Marshal(f.Program)
	return digest(text), err
}

// Memo gives what the finder was asked, under the caller's stamp. It is nil where
// a program wasn't found: that has to be reported each time.
func (f *Finder) Memo(stamp string) (*Memo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &Memo{Stamp: stamp, Environment: maps.Clone(f.looked)}
	for _, key := range slices.Sorted(maps.Keys(f.asked)) {
		a := f.asked[key]
		if a.err != nil {
			return nil, nil
		}
		answer, err := a.found.digest()
		if err != nil {
			return nil, err
		}
		m.Programs = append(m.Programs, remembered{a.question, answer})
	}
	return m, nil
}

// Fresh says whether an apply with these options would change nothing, and how
// many files there are: the stamp is that of the last run, each program is found
// as it was then, and every file is as it was written. Whatever it can't tell for
// sure is not fresh.
func Fresh(o Options, stamp string, finder *Finder) (files int, fresh bool) {
	if _, external := o.Renderer.(externalRenderer); external {
		return 0, false // the program may have become another one
	}
	dir, err := openDirectory(o.Directory, false)
	if err != nil {
		return 0, false
	}
	defer dir.close()
	m, err := dir.readManifest()
	if err != nil || m.Memo == nil || m.Memo.Stamp != o.stamp(stamp) {
		return 0, false
	}
	for name, e := range m.Files {
		fi, err := dir.root.Lstat(name)
		if err != nil || !m.untouched(e, fi) {
			return 0, false
		}
	}
	return len(m.Files), finder.answersAs(m.Memo)
}

// stamp adds the options that decide what is in the files.
func (o Options) stamp(profiles string) string {
	return digest(fmt.Appendf(nil, "%q %q %q %q %q", profiles, o.Renderer.Name(), o.Enforcer, o.Version, o.Directory))
}

// answersAs asks every question again.
func (f *Finder) answersAs(m *Memo) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, value := range m.Environment {
		if f.anchors.Getenv(name) != value {
			return false
		}
	}
	for _, r := range m.Programs {
		found, err := f.find(r.Question)
		if err != nil {
			return false
		}
		if answer, err := found.digest(); err != nil || answer != r.Answer {
			return false
		}
	}
	return true
}

func sameMemo(a, b *Memo) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Stamp == b.Stamp && maps.Equal(a.Environment, b.Environment) &&
		slices.EqualFunc(a.Programs, b.Programs, func(x, y remembered) bool {
			return x.Answer == y.Answer && x.Question.key() == y.Question.key()
		})
}
