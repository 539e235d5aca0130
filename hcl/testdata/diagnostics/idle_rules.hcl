profile "a" {
  commands = ["a"]
  filesystem {
    write   = ["${project}"]
    hide    = ["${home}/.ssh", "${project}/.env"]
    protect = ["${home}/.bashrc", "${project}/.git/hooks"]
  }
}
