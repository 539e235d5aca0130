# A project's directory that is written. Whatever runs here could otherwise
# leave something in it that is executed later, outside, with the user's
# rights: by git, by the shell, by the editor, by an assistant. The profiles of
# tools that write a project build on it, but for git's own.
#
# What is protected and missing must not come to exist; what appears there is
# moved away when the command ends, and husk says so.
profile "workspace" {
  description = "a project that is written, without what git, shells, editors and assistants execute from it"
  inherits    = ["base"]

  filesystem {
    write = ["${project}"]

    protect = [
      # Hooks, and settings that name commands: core.hooksPath, core.fsmonitor,
      # filters. commondir says that both are somewhere else.
      "${project}/.git/hooks", "${project}/.git/config", "${project}/.git/config.worktree", "${project}/.git/commondir",

      # direnv runs it on the way into the directory.
      "${project}/.envrc",

      # Tasks, launchers, settings with paths of programs.
      "${project}/.vscode", "${project}/.idea", "${project}/.zed", "${project}/.devcontainer",

      # Hooks and servers that assistants start.
      "${project}/.mcp.json", "${project}/.claude", "${project}/.cursor", "${project}/.gemini", "${project}/.codex",
    ]
  }

  # Tests start a server on any free port and talk to it, and so do build tools
  # with their workers. Nobody outside reaches it: a development server is to be
  # published.
  network {
    loopback = true
  }
}
