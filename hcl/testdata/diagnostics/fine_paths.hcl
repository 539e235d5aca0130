locals {
  trees = ["a", "b"]
  cache = xdg.cache
}
profile "a" {
  filesystem {
    read = concat(
      ["~/x", "~", "/usr/../opt//x/", "${project}/./a/../b", required("~/must")],
      [for t in local.trees : "${project}/${t}"],
      [join("/", [local.cache, "tool"]), format("%s/x", home), env("SSH_AUTH_SOCK")],
    )
  }
}
