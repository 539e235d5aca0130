profile "a" {
  command "one" { exec = "" }
  environment "x" {
    secret "TOKEN" { command = [] }
    set = { COUNT = 5, FLAG = true, TMPDIR = "/x" }
  }
  supervise { approver = "exec:ask" }
  network {
    connect { ports = [1] }
  }
}

profile "b" {
  home { mode = private }
  filesystem {
    read  = ["${HOME}/x", "${home}${cwd}", xdg.cahce]
    write = ["/"]
  }
  syscalls { deny = ["ptrcae", "@mout"] }
}

profile "c" {
  environment {
    secret "TOKEN" { command = [] }
    set = { COUNT = 5, FLAG = true, TMPDIR = "/x" }
  }
}
