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
      "/home/ann",
      "${home}/.local/share",
      "${home}/.local/share/husk/bin/npm",
    ]
    bind "${home}" {
      to   = "/mnt/home"
      mode = "write"
    }
  }
}
