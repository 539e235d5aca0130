variable "v" { default = "1" }
variable "v" { default = "2" }
locals {
  l = 1
}
locals {
  l = 2
}
profile "a" {
  commands = ["x"]
  home { mode = "private" }
  home { mode = "host" }
  filesystem {
    tmpfs "/a" {}
    tmpfs "/a" {}
    tmpfs "/a/" {}
  }
  environment {
    set = { A = "1", A = "2" }
  }
}
profile "a" {}
profile "b" {
  commands = ["x"]
}
