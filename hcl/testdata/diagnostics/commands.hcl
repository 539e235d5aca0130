profile "p" {
  commands = ["/usr/bin/x", "", "-x", ".x", "a b", "ok"]
  command "ok" {
    exec   = "./x"
    digest = "ABC"
  }
  command "up" {
    digest = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"
  }
  verify "${project}/x" {}
  verify "${project}/y" { sha256 = "zz" }
  filesystem {
    markers = ["a/b", ".."]
    bind "/a" {}
  }
  environment {
    pass   = ["$HOME", "A=1", "a-b"]
    unset  = ["*_TOKEN"]
    secret "A-B" { file = "~/x" }
  }
}
profile "bad/name" {}
profile "${home}" {}
