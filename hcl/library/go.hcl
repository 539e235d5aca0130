# The go command. Tests and generators of the project run in the same sandbox.
# "go install" fails: ~/go/bin is on PATH, and what lies there would be run
# later, outside.
profile "go" {
  description = "go: this project, the module and build caches, the network"
  inherits    = ["base"]
  commands    = ["go"]

  filesystem {
    read    = ["${home}/go", "${xdg.config}/go"]
    write   = ["${project}", "${home}/go/pkg", "${xdg.cache}/go-build"]
    hide    = ["${project}/.env"]
    protect = ["${project}/.git/hooks", "${project}/.git/config"]
    markers = [".git", "go.work", "go.mod"]
  }

  environment {
    # GOFLAGS is left out: with -toolexec it runs any command.
    pass = [
      "GOOS", "GOARCH", "GOAMD64", "GOARM64", "GOEXPERIMENT", "CGO_ENABLED", "GOTOOLCHAIN", "GOPROXY", "GOPRIVATE",
      "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOMAXPROCS", "GODEBUG",
    ]
  }

  # The whole network, for now: a list of hosts (mode = "filtered") is part of
  # the language but not enforced yet.
  network {
    mode = "host"
  }
}
