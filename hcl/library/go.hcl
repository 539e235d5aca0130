# The go command. Tests and generators of the project run in the same sandbox.
# "go install" fails: ~/go/bin is on PATH, and what lies there would be run
# later, outside.
variable "go_hosts" {
  description = "the hosts of the module proxy and the checksum database, with spaces between"
  default     = "proxy.golang.org sum.golang.org"
}

profile "go" {
  description = "go: this project, the module and build caches, the module proxy"
  inherits    = ["workspace"]
  commands    = ["go"]

  filesystem {
    read    = ["${home}/go", "${xdg.config}/go"]
    write   = ["${project}", create("${home}/go/pkg"), create("${xdg.cache}/go-build")]
    hide    = ["${project}/.env"]
    markers = [".git", "go.work", "go.mod"]
  }

  environment {
    # GOFLAGS is left out: with -toolexec it runs any command.
    pass = [
      "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "CGO_ENABLED", "GOTOOLCHAIN", "GOPROXY", "GOPRIVATE",
      "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOMAXPROCS", "GODEBUG",
    ]
  }

  # A private /tmp would swallow what is named there: "go build -o /tmp/x", a profile or coverage.
  tmp {
    slash_tmp = "denied"
  }

  # The module proxy and the checksum database. Modules that come from their
  # own hosts (GOPRIVATE, or "direct" in GOPROXY) need a profile that inherits
  # this one and names those.
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = split(" ", var.go_hosts)
      labels   = [connect.value]
      content { ports = [443] }
    }
  }
}
