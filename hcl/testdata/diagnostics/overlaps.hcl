profile "parent" {
  filesystem {
    protect = ["${project}/.git"]
    hide    = ["${home}/private"]
  }
}

profile "child" {
  inherits = ["parent"]
  filesystem {
    read  = ["${home}/private/public"]
    write = ["${project}", "${project}/.git/objects", "${home}/private/out"]
  }
}

profile "own" {
  commands = ["own"]
  filesystem {
    read    = ["${home}/x/public"]
    hide    = ["${home}/x"]
    protect = ["${project}/.git"]
    write   = ["${project}", "${project}/.git/objects"]
  }
}
