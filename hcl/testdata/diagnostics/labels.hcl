profile "a" {
  filesystem {
    tmpfs "~/a" "~/b" {}
    bind {
      to = "~/c"
    }
  }
  home "b" { mode = "private" }
}
