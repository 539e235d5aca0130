profile "a" {
  filesystem {
    write = [
      "/",
      "~",
      "/home",
      "${home}/.config",
      "${xdg.config}/husk/profiles/mine",
      "/home/ann/.local",
      "/home/ann/src",
    ]
    bind "${home}" {
      to   = "/mnt/home"
      mode = "write"
    }
  }
}
