# npm and npx. Scripts of packages run in the same sandbox, so what npm may do
# is what any package that is installed may do: write the project and npm's
# cache, and talk to the network.
profile "npm" {
  description = "npm and npx: this project, npm's cache and the network, nothing else"
  inherits    = ["node"]
  commands    = ["npm", "npx"]

  filesystem {
    # ~/.npmrc may hold the registry's token. npm needs it to log in, and so it
    # can be read by the scripts of packages, too. To keep it from them, write a
    # profile that inherits this one with:
    #
    #   remove { read = ["${home}/.npmrc"] }
    read = ["${home}/.npmrc"]

    # The cache, and npm's logs; made when npm runs for the first time.
    write = [create("${home}/.npm")]
  }

  environment {
    pass = ["npm_config_*", "NPM_CONFIG_*"]
  }

  # The whole network, for now: a list of hosts (mode = "filtered") is part of
  # the language but not enforced yet.
  network {
    mode = "host"
  }
}
