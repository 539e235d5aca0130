# curl. Output files go to the working directory, and nowhere else.
profile "curl" {
  description = "curl: writes the working directory, reads ~/.curlrc, any host"
  inherits    = ["base"]
  commands    = ["curl"]

  filesystem {
    read  = ["${cwd}", "${home}/.curlrc"]
    write = ["${cwd}"]
  }

  # A private /tmp would swallow "curl -o /tmp/file": the file would be gone
  # when curl ends. So writing there fails instead.
  tmp {
    slash_tmp = "denied"
  }

  # The whole network, for now: a list of hosts (mode = "filtered") is part of
  # the language but not enforced yet.
  network {
    mode = "host"
  }
}
