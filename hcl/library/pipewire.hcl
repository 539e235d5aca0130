# Sound, and whatever else PipeWire gives its clients: that can be the microphone
# and the camera. It wraps no command: inherit it where that is meant.
profile "pipewire" {
  description = "the user's PipeWire, to inherit: sound, microphone and camera as far as it allows"

  socket "${xdg.runtime}/pipewire-0" {
    access = "connect"
  }

  environment {
    pass = ["XDG_RUNTIME_DIR", "PIPEWIRE_REMOTE"]
  }
}
