package hcl

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	hashi "github.com/hashicorp/hcl/v2"

	"github.com/husk-sandbox/husk/hcl/library"
)

// Names of the layers, as [Info] gives them.
const (
	layerUser    = "user"
	layerSystem  = "system"
	layerLibrary = "library"

	// layerProject is a project's own file: no layer to look names up in.
	layerProject = "project"
)

// layerNames are the layers, nearest first.
var layerNames = []string{layerUser, layerSystem, layerLibrary}

// profileName is what a profile may be called: it becomes part of file names.
var profileName = lazily(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

// layer gives a layer's module, reading it on first use.
func (p *Profiles) layer(name string) *module {
	if m, ok := p.modules[name]; ok {
		return m
	}
	var files []*file
	var diags hashi.Diagnostics
	switch name {
	case layerSystem:
		if p.options.SystemDir != "" {
			var paths []string
			paths, diags = profileFiles(p.options.SystemDir)
			files = readFiles(paths)
		}
	case layerLibrary:
		files, diags = libraryFiles()
	}
	m := newModule(name, files, p.shared)
	m.diags = append(m.diags, diags...)
	p.modules[name] = m
	return m
}

// libraryFiles parses the embedded profiles.
func libraryFiles() ([]*file, hashi.Diagnostics) {
	names, err := fs.Glob(library.Files, "*.hcl")
	if err != nil {
		return nil, hashi.Diagnostics{unplaced("cannot list the library", err.Error())}
	}
	var files []*file
	for _, name := range names {
		src, err := library.Files.ReadFile(name)
		if err != nil {
			return nil, hashi.Diagnostics{unplaced("cannot read the library", err.Error())}
		}
		files = append(files, parse(src, layerLibrary+"/"+name))
	}
	return files, nil
}

// find gives the profile that a name means, seen from a layer: that layer's
// own, or one of those behind it.
func (p *Profiles) find(name, from string) (*profile, bool) {
	for _, explicit := range []string{layerSystem, layerLibrary} {
		if rest, ok := strings.CutPrefix(name, explicit+"/"); ok {
			found, ok := p.layer(explicit).profiles[rest]
			return found, ok
		}
	}
	for _, layer := range layerNames[slices.Index(layerNames, from):] {
		if found, ok := p.layer(layer).profiles[name]; ok {
			return found, true
		}
	}
	return nil, false
}

// known lists the names that can be written where find looks.
func (p *Profiles) known(from string) []string {
	var names []string
	for _, layer := range layerNames[slices.Index(layerNames, from):] {
		for _, found := range p.layer(layer).order {
			names = append(names, found.name)
			if layer != layerUser {
				names = append(names, found.qualified())
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unknownProfile says what to write for a name that nothing has.
func (p *Profiles) unknownProfile(name, from string) (summary, detail string) {
	known := p.known(from)
	detail = "\"husk list --library\" shows all profiles" + DidYouMean(name, known)
	return fmt.Sprintf("unknown profile %q", name), detail
}
