profile "p" {
  filesystem {
    read  = [create("${home}/.cache/tool")]
    write = [create("${home}/.cache/tool"), create(required("${project}/out"))]
    hide  = [create("${project}/.env")]
    tmpfs "${project}/tmp" { size = "1M" }
  }
}
