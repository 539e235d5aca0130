# Reads the project, writes one directory of it.
profile "demo" {
  inherits = ["base"]
  commands = ["demo"]

  filesystem {
    read  = ["${project}"]
    write = ["${project}/out"]
  }
}
