package wrappers

import (
	"path/filepath"

	"github.com/husk-sandbox/husk/enforce/plan"
)

// manager is a tool that puts its own starters on PATH. What a starter needs
// isn't told by where it stands, so it is listed here.
type manager struct {
	name string
	// variable names the environment variable that holds the tool's directory,
	// root is its default below home.
	variable, root string
	// starters is the directory below it that stands on PATH.
	starters string
	// needs are granted: below the tool's directory, and below home. No entry
	// means: only the file.
	needs, needsHome []string
	// reason says why these and not the directory above the starters.
	reason string
}

var managers = []manager{
	{"rustup", "CARGO_HOME", ".cargo", "bin", []string{"bin"}, []string{".rustup"},
		"a rustup proxy starts the toolchain in ~/.rustup; the rest of ~/.cargo has credentials.toml in it"},
	{"go", "GOPATH", "go", "bin", nil, nil,
		"go install makes files that need nothing beside them; GOPATH has all sources in it"},
	{"volta", "VOLTA_HOME", ".volta", "bin", []string{""}, nil,
		"the shims are links to one program that reads the tools and their versions from ~/.volta"},
	{"asdf", "ASDF_DATA_DIR", ".asdf", "shims", []string{""}, []string{".tool-versions", ".asdfrc"},
		"a shim asks asdf, which reads the chosen versions and starts the tool below ~/.asdf"},
	{"mise", "MISE_DATA_DIR", ".local/share/mise", "shims", []string{""}, []string{".config/mise", ".local/state/mise", ".tool-versions"},
		"the shims are links to mise, which reads its configuration and which ones are trusted"},
	{"pyenv", "PYENV_ROOT", ".pyenv", "shims", []string{""}, nil,
		"a shim asks pyenv for the version and starts it below ~/.pyenv"},
	{"rbenv", "RBENV_ROOT", ".rbenv", "shims", []string{""}, nil, "as pyenv"},
	{"nodenv", "NODENV_ROOT", ".nodenv", "shims", []string{""}, nil, "as pyenv"},
	{"goenv", "GOENV_ROOT", ".goenv", "shims", []string{""}, nil, "as pyenv"},
	{"jenv", "JENV_ROOT", ".jenv", "shims", []string{""}, nil, "as pyenv"},
	{"plenv", "PLENV_ROOT", ".plenv", "shims", []string{""}, nil, "as pyenv"},
	{"phpenv", "PHPENV_ROOT", ".phpenv", "shims", []string{""}, nil, "as pyenv"},
	{"proto", "PROTO_HOME", ".proto", "shims", []string{""}, nil,
		"a shim asks proto for the version and starts it below ~/.proto"},
	{"aqua", "AQUA_ROOT_DIR", ".local/share/aquaproj-aqua", "bin", []string{""}, []string{".config/aquaproj-aqua"},
		"the links lead to one proxy that starts the package below the root directory"},
	{"pnpm", "PNPM_HOME", ".local/share/pnpm", "", []string{""}, nil,
		"pnpm puts starters of global packages beside the packages themselves"},
	{"dotnet", "DOTNET_CLI_HOME", ".dotnet", "tools", []string{""}, nil,
		"a tool's starter loads it from .store beside it, with the runtime in ~/.dotnet"},
}

// rustupVariable moves ~/.rustup.
const rustupVariable = "RUSTUP_HOME"

// managed gives the grants for a file in a directory of starters. It is false
// for any other directory.
func (f *Finder) managed(dir string) ([]string, bool) {
	for _, m := range managers {
		root, ok := f.directoryOf(m.variable, m.root)
		if !ok || filepath.Join(root, m.starters) != dir {
			continue
		}
		grants := []string{}
		for _, need := range m.needs {
			grants = append(grants, filepath.Join(root, need))
		}
		for _, need := range m.needsHome {
			grants = append(grants, filepath.Join(f.anchors.Home, need))
		}
		if moved := f.anchors.Getenv(rustupVariable); m.name == "rustup" && filepath.IsAbs(moved) {
			grants = append(grants, f.real(filepath.Clean(moved)))
		}
		return grants, true
	}
	return nil, false
}

// directoryOf resolves a tool's directory, free of links as the paths that it is
// compared with.
func (f *Finder) directoryOf(variable, below string) (string, bool) {
	dir, ok := f.anchors.Resolve(plan.Path{Anchor: plan.AnchorEnv, Name: variable, Default: below})
	if !ok {
		return "", false
	}
	return f.real(dir), true
}

// real takes the symbolic links out of a path, where it exists.
func (f *Finder) real(path string) string {
	if r, err := f.follow(path); err == nil {
		return r.file
	}
	return path
}
