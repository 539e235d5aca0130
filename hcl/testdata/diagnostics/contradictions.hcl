profile "parent" {
  filesystem {
    hide    = ["${project}/.env"]
    protect = ["${project}/.git"]
  }
}
profile "a" {
  inherits = ["parent"]
  filesystem {
    read  = ["${project}", "${project}/.env", "${home}/.aws"]
    write = ["${project}/.git"]
    hide  = ["${home}/.aws"]
  }
  environment {
    set   = { NODE_OPTIONS = "", TMPDIR = "/x" }
    unset = ["NODE_OPTIONS"]
    pass  = ["*"]
    secret "NODE_OPTIONS" {}
    secret "TOKEN" {
      file    = "~/token"
      command = []
    }
  }
  tmp {
    mode      = "host"
    strict    = true
    slash_tmp = "denied"
  }
  network {
    listen = [80]
    connect "example.com" { ports = [] }
  }
  namespaces { share = ["net"] }
  supervise { on_denied = "ask" }
}
profile "b" {
  network {
    mode = "host"
    connect "example.com" { ports = [] }
  }
  syscalls { notify = ["openat"] }
}
profile "logged" {
  tmp { cleanup = "system" }
  syscalls { default = "log" }
}
profile "logged-list" {
  tmp { cleanup = "system" }
  syscalls { log = ["ptrace"] }
}
profile "logged-rule" {
  tmp { cleanup = "system" }
  syscalls {
    rule "ptrace" { action = "log" }
  }
}
profile "logged-not" {
  tmp { cleanup = "system" }
  syscalls {
    rule "ptrace" { action = "allow" }
  }
}
