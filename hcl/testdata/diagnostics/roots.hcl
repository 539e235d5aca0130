profile "a" {
  filesystem {
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
