# git. Hooks and filters of the repository run in the same sandbox.
#
# Not covered: signing commits with gpg (inherit "gpg-agent" as well), and worktrees whose repository lies outside the project
# (grant that directory).
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

      # How to reach a server and which keys are known; no private key.
      "${home}/.ssh/config", "${home}/.ssh/known_hosts",
    ]
  }

  tmp {
    slash_tmp = "denied"
  }

  environment {
    # Variables that name commands (GIT_SSH_COMMAND, GIT_EDITOR …) are left out.
    pass = ["GIT_AUTHOR_*", "GIT_COMMITTER_*", "GIT_TERMINAL_PROMPT", "EDITOR", "VISUAL", "PAGER", "LESS"]
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
