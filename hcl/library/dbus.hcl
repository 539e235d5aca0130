# The user's session bus, through a filter that passes nothing on but what is
# named. It wraps no command and names nothing: inherit it and write what is to be
# reached. Whoever may talk to a service can have done all that it offers, so name
# no service that starts programs or gives passwords away.
profile "dbus" {
  description = "the session bus, to inherit: nothing on it is reached but the names that a profile adds"

  dbus "session" {}
}
