package wrappers

import (
	"slices"
	"testing"
)

// Each layout of a version manager or installer, with what has to be readable.
func TestGrants(t *testing.T) {
	for name, c := range map[string]struct {
		build  func(h *host)
		exec   string
		path   string
		grants []string
	}{
		"a system program": {
			exec: "true", path: "/usr/bin/true", build: func(*host) {},
		},
		"nvm": {
			exec: "npm", path: "~/.nvm/versions/node/v22/bin/npm",
			grants: []string{"~/.nvm/versions/node/v22"},
			build: func(h *host) {
				h.file(".nvm/versions/node/v22/bin/node", binary)
				h.file(".nvm/versions/node/v22/lib/node_modules/npm/bin/npm-cli.js", "#!/usr/bin/env node\n")
				h.shim("../lib/node_modules/npm/bin/npm-cli.js", ".nvm/versions/node/v22/bin/npm")
				h.onPath(".nvm/versions/node/v22/bin")
			},
		},
		"nvm through a link": {
			exec: "node", path: "~/.nvm/current/bin/node",
			grants: []string{"~/.nvm/current", "~/.nvm/versions/node/v22"},
			build: func(h *host) {
				h.file(".nvm/versions/node/v22/bin/node", binary)
				h.shim("versions/node/v22", ".nvm/current")
				h.onPath(".nvm/current/bin")
			},
		},
		"volta": {
			exec: "npm", path: "~/.volta/bin/npm", grants: []string{"~/.volta"},
			build: func(h *host) {
				h.file(".volta/bin/volta-shim", binary)
				h.shim("volta-shim", ".volta/bin/npm")
				h.onPath(".volta/bin")
			},
		},
		"asdf, moved": {
			exec: "node", path: "~/sw/asdf/shims/node",
			grants: []string{"~/.asdfrc", "~/.tool-versions", "~/sw/asdf"},
			build: func(h *host) {
				h.env["ASDF_DATA_DIR"] = h.home + "/sw/asdf"
				h.file("sw/asdf/shims/node", "#!/usr/bin/env bash\nexec asdf exec node\n")
				h.onPath("sw/asdf/shims")
			},
		},
		"mise": {
			exec: "node", path: "~/.local/share/mise/shims/node",
			grants: []string{"~/.config/mise", "~/.local/bin/mise", "~/.local/share/mise", "~/.local/state/mise", "~/.tool-versions"},
			build: func(h *host) {
				h.file(".local/bin/mise", binary)
				h.shim(h.home+"/.local/bin/mise", ".local/share/mise/shims/node")
				h.onPath(".local/share/mise/shims")
			},
		},
		"pyenv": {
			exec: "python3", path: "~/.pyenv/shims/python3", grants: []string{"~/.pyenv"},
			build: func(h *host) {
				h.file(".pyenv/shims/python3", "#!/usr/bin/env bash\n")
				h.onPath(".pyenv/shims")
			},
		},
		"fnm, whose directory lasts as long as the shell": {
			exec: "node", path: "~/.local/share/fnm/node-versions/v20/installation/bin/node",
			grants: []string{"~/.local/share/fnm/node-versions/v20/installation"},
			build: func(h *host) {
				h.file(".local/share/fnm/node-versions/v20/installation/bin/node", binary)
				h.shim(h.home+"/.local/share/fnm/node-versions/v20/installation", ".local/state/fnm_multishells/12_34")
				h.onPath(".local/state/fnm_multishells/12_34/bin")
			},
		},
		"rustup": {
			exec: "cargo", path: "~/.cargo/bin/cargo", grants: []string{"~/.cargo/bin", "~/.rustup"},
			build: func(h *host) {
				h.file(".cargo/bin/rustup", binary)
				h.shim("rustup", ".cargo/bin/cargo")
				h.onPath(".cargo/bin")
			},
		},
		"go install": {
			exec: "gopls", path: "~/go/bin/gopls", grants: []string{"~/go/bin/gopls"},
			build: func(h *host) { h.file("go/bin/gopls", binary); h.onPath("go/bin") },
		},
		"pipx": {
			exec: "black", path: "~/.local/bin/black",
			grants: []string{"~/.local/bin/black", "~/.local/share/pipx/venvs/black"},
			build: func(h *host) {
				h.shim("/usr/bin/env", ".local/share/pipx/venvs/black/bin/python")
				h.file(".local/share/pipx/venvs/black/bin/black", "#!"+h.home+"/.local/share/pipx/venvs/black/bin/python\n")
				h.shim("../share/pipx/venvs/black/bin/black", ".local/bin/black")
				h.onPath(".local/bin")
			},
		},
		"npm with prefix ~/.local": {
			exec: "tsc", path: "~/.local/bin/tsc",
			grants: []string{"~/.local/bin/tsc", "~/.local/lib/node_modules/@scope/typescript", "~/n/bin/node"},
			build: func(h *host) {
				h.file(".local/lib/node_modules/@scope/typescript/node_modules/x/bin/tsc", "#!/usr/bin/env -S node --no-warnings\n")
				h.shim("../lib/node_modules/@scope/typescript/node_modules/x/bin/tsc", ".local/bin/tsc")
				h.file("n/bin/node", binary)
				h.env["GOPATH"] = h.home + "/n"
				h.onPath(".local/bin", "n/bin")
			},
		},
		"a program in ~/bin": {
			exec: "tool", path: "~/bin/tool", grants: []string{"~/bin/tool", "~/src/tool/tool.py"},
			build: func(h *host) {
				h.file("src/tool/tool.py", "#!/usr/bin/env true\n")
				h.shim("../src/tool/tool.py", "bin/tool")
				h.onPath("bin")
			},
		},
		"busybox keeps the name it is started by": {
			exec: "wget", path: "~/bb/bin/wget", grants: []string{"~/bb"},
			build: func(h *host) {
				h.file("bb/bin/busybox", binary)
				h.shim("busybox", "bb/bin/wget")
				h.onPath("bb/bin")
			},
		},
		"a script for another script's program": {
			exec: "outer", path: "~/a/bin/outer", grants: []string{"~/a", "~/b", "~/c"},
			build: func(h *host) {
				h.file("a/bin/outer", "#!/usr/bin/env middle\n")
				h.file("b/bin/middle", "#!"+h.home+"/c/bin/inner -x\n")
				h.file("c/bin/inner", binary)
				h.onPath("a/bin", "b/bin")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHost(t)
			c.build(h)
			found, err := h.find(named(c.exec))
			if err != nil {
				t.Fatal(err)
			}
			got := h.below(append([]string{found.Program.Path}, found.Program.Grants...))
			if want := append([]string{c.path}, c.grants...); !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}
