profile "a" {
  limits {
    processes = 0
    files     = "many"
    memory    = "4GB"
    file_size = "10m"
    cpu_time  = "10M"
    wall_time = "1.5h"
    core      = -1
    cpu       = "2"
    cgroup    = "always"
  }
  tmp { size = "0" }
  filesystem {
    tmpfs "/a" { size = "16 M" }
    tmpfs "/b" { size = "99999999T" }
    tmpfs "/c" { size = "16Q" }
  }
}
