# Every block and attribute of the language, once. every.hcl.json says the same.
variable "registry" {
  description = "the npm registry"
  default     = "registry.npmjs.org"
}

variable "ports" {
  type    = list(number)
  default = [80, 443]

  validation {
    condition     = length(var.ports) < 10
    error_message = "fewer than ten ports"
  }
}

locals {
  cache = "${home}/.npm"
  hosts = { api = "api.example.com", www = "*.example.com" }
}

profile "parent" {
  filesystem {
    read = ["${home}/.npmrc", "${home}/.gone"]
  }
}

profile "npm" {
  description = "npm and npx: this project, the cache and the registry, nothing else"
  inherits    = ["parent"]
  commands    = ["npm", "npx"]
  degrade     = ["landlock-scope"]
  descriptors = [3, 9]

  command "npm" {
    exec   = "/usr/bin/npm"
    args   = ["--no-fund", "--no-fund"]
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  }

  remove {
    read = ["${home}/.gone"]
  }

  filesystem {
    view    = "minimal"
    read    = ["${project}", required("${home}/.config/tool"), "${xdg.config}/tool", "${env("TOOL_DIR")}/x"]
    write   = ["${project}", local.cache]
    execute = []
    hide    = ["${project}/.env"]
    protect = ["${project}/.git/hooks"]
    markers = [".git", "package.json"]
    join    = ["${project}"]

    bind "${home}/.cache/npm-sandbox" {
      to   = local.cache
      mode = "write"
    }

    tmpfs "${home}/.config" {
      size = "16M"
    }
  }

  home {
    mode = "granted"
  }

  tmp {
    mode      = "session"
    slash_tmp = "private"
    strict    = true
    cleanup   = "parent"
    size      = 1048576
  }

  environment {
    pass  = ["LANG", "LC_*", "TERM", "npm_config_*"]
    set   = { NO_UPDATE_NOTIFIER = "1", CACHE = "${xdg.cache}/npm", WHO = "${user}-${uid}" }
    unset = ["NODE_OPTIONS"]

    secret "NPM_TOKEN" {
      file = "${home}/.config/husk/npm-token"
    }

    secret "OTHER" {
      command = ["pass", "show", "other"]
    }
  }

  network {
    mode     = "filtered"
    listen   = [3000]
    publish  = [8080]
    loopback = true

    connect "${var.registry}" {
      ports = [for p in var.ports : p if p > 100]
    }

    connect "localhost" {
      ports    = [5432]
      protocol = "udp"
      check    = "off"
    }

    dynamic "connect" {
      for_each = local.hosts
      iterator = it
      labels   = [it.value]

      content {
        ports = var.ports
      }
    }
  }

  socket "${env("SSH_AUTH_SOCK")}" {
    access = "connect"
    scope  = "file"
  }

  dbus "session" {
    see       = ["org.example.Seen"]
    talk      = ["org.freedesktop.Notifications"]
    own       = ["org.mpris.MediaPlayer2.player"]
    call      = ["org.example.Service=org.example.Interface.*@/org/example/*"]
    broadcast = ["org.example.Service=*"]
  }

  namespaces {
    share = ["time"]
  }

  syscalls {
    default     = "allow"
    foreign_abi = "errno:ENOSYS"
    allow       = ["sync"]
    deny        = ["@mount", "@keyring", "ptrace"]
    trap        = ["mincore"]
    kill        = ["kexec_load"]
    log         = ["personality"]
    notify      = ["openat"]
    promises    = ["stdio"]
    errno       = { ENOSYS = ["clone3"] }

    rule "socket" {
      when   = "arg0 == AF_UNIX || arg0 == AF_INET"
      action = "allow"
    }
  }

  limits {
    processes = 512
    files     = 4096
    memory    = "4G"
    file_size = "2G"
    cpu_time  = "10m"
    wall_time = "1h"
    core      = 0
    cpu       = 1.5
    cgroup    = "required"
  }

  identity {
    user     = "root"
    title    = true
    dumpable = false
  }

  terminal {
    new_session = true
  }

  late_drop {
    chroot = true
  }

  supervise {
    on_denied = "ask"
    approver  = "tty"
    rate      = "10/s"
    burst     = 20
    audit     = "all"
  }

  verify "${project}/AGENTS.md" {
    sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  }
}
