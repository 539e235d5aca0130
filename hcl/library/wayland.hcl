# Windows on the user's Wayland session. It wraps no command: inherit it in the
# profile of a graphical program. Wayland keeps programs from reading each
# other's windows and keys, as far as the compositor goes; X11 does not, and has
# no such profile.
profile "wayland" {
  description = "the user's Wayland session, to inherit in the profiles of graphical programs"

  socket "${xdg.runtime}/wayland-0" {
    access = "connect"
  }

  socket "${xdg.runtime}/wayland-1" {
    access = "connect"
  }

  filesystem {
    read = ["/etc/fonts"]
  }

  environment {
    pass = ["WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "XDG_SESSION_TYPE"]
  }
}
