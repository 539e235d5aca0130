# npm and npx. Scripts of packages run in the same sandbox, so what npm may do
# is what any package that is installed may do: write the project and npm's
# cache, and talk to the registry. Another registry: --set registry=HOST.
#
# "npm install -g" and "npm config set" fail: what they write is run, or believed,
# outside. A server that "npm run dev" starts is reached from inside alone. For
# the browser give it a profile of its own, since only one sandbox can have the
# port, and start it with "husk run npm-dev -- npm run dev":
#
#   profile "npm-dev" {
#     inherits = ["library/npm"]
#     network { publish = [5173] }
#   }
variable "registry" {
  description = "the host of the npm registry"
  default     = "registry.npmjs.org"
}

variable "registry_port" {
  description = "the npm registry's port"
  default     = 443
}

profile "npm" {
  description = "npm and npx: this project, npm's cache and the registry, nothing else"
  inherits    = ["node"]
  commands    = ["npm", "npx"]

  filesystem {
    # ~/.npmrc may hold the registry's token. npm needs it to log in, and so it
    # can be read by the scripts of packages, too. To keep it from them, write a
    # profile that inherits this one with:
    #
    #   remove { read = ["${home}/.npmrc"] }
    #
    # "npm help" shows manuals.
    read = ["${home}/.npmrc", "/etc/manpath.config", "/etc/groff"]

    # The cache, and npm's logs; made when npm runs for the first time.
    write = [create("${home}/.npm")]
  }

  environment {
    pass = ["npm_config_*", "NPM_CONFIG_*"]

    # Many a tool won't run where it can't keep its settings and downloads. These are
    # read by nothing outside.
    set = {
      XDG_CONFIG_HOME = "${home}/.npm/_xdg/config"
      XDG_CACHE_HOME  = "${home}/.npm/_xdg/cache"
      XDG_DATA_HOME   = "${home}/.npm/_xdg/data"
      XDG_STATE_HOME  = "${home}/.npm/_xdg/state"
    }
  }

  # What a package's script sends, it sends to the registry or nowhere. Packages
  # that fetch more while they are installed (prebuilt binaries from GitHub,
  # headers from nodejs.org) need a profile that inherits this one and names
  # those hosts; "husk log" says which were asked for.
  network {
    mode = "filtered"
    connect "${var.registry}" { ports = [var.registry_port] }
  }
}
