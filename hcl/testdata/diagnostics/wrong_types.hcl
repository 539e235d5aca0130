profile "a" {
  description = 5
  filesystem {
    read  = "${project}"
    write = [5, null, ["a"]]
    view  = true
  }
  tmp { strict = "yes" }
  environment {
    pass = { A = "1" }
    set  = { A = [1], B = null, "not a name" = "x" }
  }
  network {
    mode   = "filtered"
    listen = ["3000"]
    connect "example.com" { ports = ["443"] }
  }
  syscalls {
    errno = { ENOSYS = "clone3", nosys = ["x"] }
  }
  limits {
    files  = 1.5
    memory = [1]
  }
}
