# pip, in a project with a virtual environment. Build scripts of packages run
# in the same sandbox. "pip install --user" fails: what lies in ~/.local would
# be run later, outside.
profile "pip" {
  description = "pip: this project with its virtual environment, pip's cache, the network"
  inherits    = ["base"]
  commands    = ["pip", "pip3"]

  filesystem {
    read    = ["${xdg.config}/pip", "${home}/.pip"]
    write   = ["${project}", "${xdg.cache}/pip"]
    hide    = ["${project}/.env"]
    protect = ["${project}/.git/hooks", "${project}/.git/config"]
    markers = [".git", "pyproject.toml", "setup.py"]
  }

  environment {
    # PYTHONSTARTUP and PYTHONPATH are left out: they run code of their own.
    pass = ["VIRTUAL_ENV", "PIP_*"]
  }

  # The whole network, for now: a list of hosts (mode = "filtered") is part of
  # the language but not enforced yet.
  network {
    mode = "host"
  }
}
