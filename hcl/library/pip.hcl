# pip, in a project with a virtual environment: activate it, and put the wrappers
# in front again, as "husk hook" does by itself; its bin/pip is no wrapper. Build scripts of packages run
# in the same sandbox. "pip install --user" fails: what lies in ~/.local would
# be run later, outside.
variable "pip_hosts" {
  description = "the hosts of the package index and its files, with spaces between"
  default     = "pypi.org files.pythonhosted.org"
}

profile "pip" {
  description = "pip: this project with its virtual environment, pip's cache, PyPI"
  inherits    = ["workspace"]
  commands    = ["pip", "pip3"]

  filesystem {
    read = ["/etc/pip.conf", "${xdg.config}/pip", "${home}/.pip"]

    # The virtual environment that is active may lie elsewhere.
    write   = ["${project}", create("${xdg.cache}/pip"), "${env("VIRTUAL_ENV")}"]
    hide    = ["${project}/.env"]
    markers = [".git", "pyproject.toml", "setup.py"]
  }

  environment {
    # PYTHONSTARTUP and PYTHONPATH are left out: they run code of their own.
    pass = ["VIRTUAL_ENV", "PIP_*"]

    # The wrapper comes before the virtual environment's own pip, and starts the one
    # that "husk apply" found: this tells it which environment is meant.
    set = { PIP_PYTHON = "${env("VIRTUAL_ENV")}" }
  }

  # A private /tmp would swallow what is named there: "pip download -d /tmp/x".
  tmp {
    slash_tmp = "denied"
  }

  # The index, and where it keeps the files. Another index: --set "pip_hosts=HOST …".
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = split(" ", var.pip_hosts)
      labels   = [connect.value]
      content { ports = [443] }
    }
  }
}
