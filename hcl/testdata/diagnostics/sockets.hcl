profile "a" {
  socket "/var/run/docker.sock" {}
  socket "${xdg.runtime}/bus" {}
  socket "${env("DBUS_SESSION_BUS_ADDRESS")}" {}
  socket "${home}/x/bus" {}
  socket "${env("SSH_AUTH_SOCK")}" {
    access = "conect"
    scope  = "tree"
  }
}
profile "b" {
  socket "/var/run/docker.sock" {}
  socket "${xdg.runtime}/bus" {}
  socket "${home}/x/bus" {}
  socket "${env("SSH_AUTH_SOCK")}" {}
}
