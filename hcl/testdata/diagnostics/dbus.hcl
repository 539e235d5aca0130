profile "names" {
  dbus "session" {
    talk      = ["org.freedesktop.Notifications", "org.example.*", "*", "", ":1.42", "org.*", "notifications", "org.*.x", "org.1x", "-org.x"]
    see       = ["org.freedesktop.secrets"]
    own       = ["org.freedesktop.systemd1"]
    call      = ["org.example", "org.example.A=", "org.example.A=Method", "org.example.A=*@org", "org.freedesktop.*=*", "nobody=*"]
    broadcast = ["org.example.A=org.example.I.*@/org/example/*"]
  }
  dbus "sesion" {}
}
profile "secrets" {
  dbus "session" { talk = ["org.freedesktop.secrets"] }
}
profile "shared" {
  namespaces { share = ["mount"] }
  dbus "system" {}
}
profile "other" {
  identity { user = "unique" }
  dbus "system" {}
}
