# git. Hooks and filters of the repository run in the same sandbox.
#
# Not covered: signing commits with gpg (inherit "gpg-agent" as well), "git config --global" (it names commands that git
# runs outside as well), and worktrees and clones of repositories that lie outside the project. What a worktree's .git
# names may be anybody's, so grant the directory that you keep repositories in:
#
#   profile "git" {
#     inherits = ["library/git"]
#     filesystem { write = ["${home}/src"] }
#   }
variable "git_hosts" {
  description = "the hosts of repositories, with spaces between"
  default     = "github.com gitlab.com bitbucket.org codeberg.org git.sr.ht"
}

profile "git" {
  description = "git: this repository, the user's git settings, ssh through the agent"
  inherits    = ["base", "ssh-agent"]
  commands    = ["git"]

  filesystem {
    # "git clone" and "git init" write below the working directory.
    write = ["${project}", "${cwd}"]

    read = [
      "${home}/.gitconfig", "${home}/.gitignore", "${xdg.config}/git",

      # What settings often name: included files, ignored names, attributes, a message's beginning.
      "${home}/.gitconfig.local", "${home}/.gitignore_global", "${home}/.gitattributes", "${home}/.gitmessage",

      # How to reach a server and which keys are known; no private key.
      "${home}/.ssh/config", "${home}/.ssh/known_hosts",
      "/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d", "/etc/ssh/ssh_known_hosts",

      "/etc/manpath.config", "/etc/groff", # "git help"
    ]
  }

  tmp {
    slash_tmp = "denied"
  }

  environment {
    # What these name is run here as well. Left out are those that hold credentials
    # or a program to get them (GIT_CONFIG_*, GIT_ASKPASS, SSH_ASKPASS).
    pass = [
      "GIT_AUTHOR_*", "GIT_COMMITTER_*", "GIT_TERMINAL_PROMPT", "EDITOR", "VISUAL", "PAGER", "LESS",
      "GIT_EDITOR", "GIT_SEQUENCE_EDITOR", "GIT_PAGER", "GIT_MERGE_AUTOEDIT", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",

      # Scripts and hooks set these: another repository, index or way of reading paths.
      "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES",
      "GIT_*_PATHSPECS", "GIT_OPTIONAL_LOCKS", "GIT_REFLOG_ACTION", "GIT_PROTOCOL", "GIT_TRACE*", "GIT_CURL_VERBOSE",
    ]
  }

  # "git init --shared" gives directories set-group-ID, so that what is made in
  # them is the group's (core.sharedRepository). Files with set-user-ID stay
  # refused. libc makes the one call or the other of it.
  syscalls {
    rule "chmod" {
      when   = "arg1 & S_ISUID == 0"
      action = "allow"
    }
    rule "fchmodat" {
      when   = "arg2 & S_ISUID == 0"
      action = "allow"
    }
  }

  # Bash counts down from 63 for "git commit --file <(this)".
  descriptors = [63, 62]

  # Over https and ssh. Another host: name them all in --set "git_hosts=HOST …",
  # or write a profile that inherits this one with one more connect block.
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = split(" ", var.git_hosts)
      labels   = [connect.value]
      content { ports = [22, 443] }
    }
  }
}
