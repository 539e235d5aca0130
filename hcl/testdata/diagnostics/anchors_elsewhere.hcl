profile "p" {
  description = "${home}"
  commands    = [project]
  command "x" {
    exec = "${home}/bin/x"
    args = [cwd]
  }
  environment {
    set = { A = "x:${home}", B = required(home), C = "~/x" }
  }
  network {
    mode = "filtered"
    connect "${home}" { ports = [443] }
  }
  verify "${project}/x" { sha256 = home }
}
