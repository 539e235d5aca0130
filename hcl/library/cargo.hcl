# cargo. Build scripts and procedural macros run in the same sandbox: they can
# write the project and cargo's caches, and see no credentials.
profile "cargo" {
  description = "cargo: this project, cargo's caches and the network, no registry token"
  inherits    = ["base"]
  commands    = ["cargo"]

  filesystem {
    read = ["${home}/.cargo", "${home}/.rustup"]

    write = [
      "${project}",
      "${home}/.cargo/registry", "${home}/.cargo/git",

      # Cargo locks its caches with these.
      "${home}/.cargo/.package-cache", "${home}/.cargo/.package-cache-mutate", "${home}/.cargo/.global-cache",
    ]

    hide = [
      "${project}/.env",

      # For "cargo publish", write a profile that inherits this one and removes
      # these two from hide.
      "${home}/.cargo/credentials", "${home}/.cargo/credentials.toml",
    ]

    protect = ["${project}/.git/hooks", "${project}/.git/config"]
    markers = [".git", "Cargo.lock"]
  }

  environment {
    # RUSTC_WRAPPER and the like name commands, and are left out.
    pass = ["CARGO_TERM_*", "CARGO_INCREMENTAL", "RUSTFLAGS", "RUST_BACKTRACE", "RUST_LOG", "RUSTUP_TOOLCHAIN"]
  }

  # The whole network, for now: a list of hosts (mode = "filtered") is part of
  # the language but not enforced yet.
  network {
    mode = "host"
  }
}
