# Programs that run on Node.js, in a project.
profile "node" {
  description = "Node.js in a project: reads and writes the project, no network"
  inherits    = ["workspace"]

  filesystem {
    read  = ["${project}"]
    write = ["${project}"]

    # Nothing that runs here needs the secrets of the application itself.
    hide = ["${project}/.env", "${project}/.env.local"]

    markers = [".git", "package.json"]
  }

  environment {
    # NODE_OPTIONS is left out: it can load any file into every Node.js process.
    pass = ["NODE_ENV", "NODE_NO_WARNINGS"]
  }
}
