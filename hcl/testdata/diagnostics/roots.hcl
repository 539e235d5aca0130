profile "a" {
  filesystem {
    read    = ["/", "/dev"]
    write   = ["/dev/shm"]
    hide    = ["/"]
    join    = ["/"]
    protect = ["/"]
    bind "${home}/x" {
      to = "/"
    }
    tmpfs "/" {
      size = "1M"
    }
  }
}
profile "b" {
  filesystem {
    view = "host"
    read = ["/", "/dev"]
  }
}
