package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/husk-sandbox/husk/wrappers"
)

// onPath says where the wrapper directory stands.
type onPath struct {
	Directory string `json:"directory"`
	Exists    bool   `json:"exists"`
	Position  int    `json:"position"` // from 1; 0: not on PATH
	// Before are the directories that stand before it, but for the wrappers of
	// single projects, which belong there.
	Before []string `json:"before"`
	// Relative are entries that mean another directory wherever one is.
	Relative []string `json:"relative"`
}

// hookHint is what to do about a wrapper directory that isn't first.
const hookHint = `put this at the end of the shell's start-up file: eval "$(husk hook bash)" (or zsh; fish: husk hook fish | source)`

// onPath looks where the wrapper directory stands.
func (p *pipeline) onPath() onPath {
	dir := p.locations.bin
	at := onPath{Directory: dir, Before: []string{}, Relative: []string{}}
	fi, err := os.Stat(dir)
	at.Exists = err == nil && fi.IsDir()
	projects := filepath.Join(p.locations.data, projectsDir)
	for i, entry := range p.app.host.path() {
		if !filepath.IsAbs(entry) {
			at.Relative = append(at.Relative, entry)
		}
		switch {
		case at.Position > 0:
		case entry == dir || sameFile(entry, dir):
			at.Position = i + 1
		case !wrappers.Covers(projects, filepath.Clean(entry)):
			at.Before = append(at.Before, entry)
		}
	}
	if at.Position == 0 {
		at.Before = []string{}
	}
	return at
}

// trouble says why the wrappers are not what is started, "" where they are.
func (at onPath) trouble() string {
	switch {
	case at.Position == 0:
		return fmt.Sprintf("the wrapper directory %s is not on PATH", at.Directory)
	case len(at.Before) == 1:
		return "1 directory stands on PATH before the wrapper directory: " + entries(at.Before)
	case len(at.Before) > 1:
		return fmt.Sprintf("%d directories stand on PATH before the wrapper directory: %s", len(at.Before), entries(at.Before))
	}
	return ""
}

// entries lists entries of PATH; an empty one means the working directory.
func entries(all []string) string {
	shown := slices.Clone(all)
	for i, entry := range shown {
		if entry == "" {
			shown[i] = quoted(entry)
		}
	}
	return strings.Join(shown, ", ")
}
