# cargo. Build scripts and procedural macros run in the same sandbox: they can
# write the project and cargo's caches, and see no credentials.
variable "cargo_hosts" {
  description = "the hosts of the crate registry, with spaces between"
  default     = "crates.io index.crates.io static.crates.io"
}

profile "cargo" {
  description = "cargo: this project, cargo's caches and crates.io, no registry token"
  inherits    = ["workspace"]
  commands    = ["cargo"]

  filesystem {
    read = ["${home}/.cargo", "${home}/.rustup"]

    write = [
      "${project}",
      create("${home}/.cargo/registry"), create("${home}/.cargo/git"),

      # Cargo locks its caches with these, if it can.
      "${home}/.cargo/.package-cache", "${home}/.cargo/.package-cache-mutate", "${home}/.cargo/.global-cache",
    ]

    hide = [
      "${project}/.env",

      # For "cargo publish", write a profile that inherits this one and removes
      # these two from hide.
      "${home}/.cargo/credentials", "${home}/.cargo/credentials.toml",
    ]

    markers = [".git", "Cargo.lock"]
  }

  environment {
    # RUSTC_WRAPPER and the like name commands, and are left out.
    pass = ["CARGO_TERM_*", "CARGO_INCREMENTAL", "RUSTFLAGS", "RUST_BACKTRACE", "RUST_LOG", "RUSTUP_TOOLCHAIN"]
  }

  # A private /tmp would swallow what is named there: "cargo build --target-dir /tmp/x".
  tmp {
    slash_tmp = "denied"
  }

  # crates.io: its index and its files. Dependencies from git need a profile
  # that inherits this one and names their hosts.
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = split(" ", var.cargo_hosts)
      labels   = [connect.value]
      content { ports = [443] }
    }
  }
}
