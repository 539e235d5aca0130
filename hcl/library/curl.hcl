# curl. Output files go to the working directory, and nowhere else.
profile "curl" {
  description = "curl: writes the working directory, reads ~/.curlrc, any host"
  inherits    = ["base"]
  commands    = ["curl"]

  filesystem {
    read  = ["${cwd}", "${home}/.curlrc"]
    write = ["${cwd}"]
  }

  # Bash counts down from 63 for "curl --config <(this) --data @<(that)".
  descriptors = [63, 62]

  # A private /tmp would swallow "curl -o /tmp/file": the file would be gone
  # when curl ends. So writing there fails instead.
  tmp {
    slash_tmp = "denied"
  }

  # The whole network: which host is meant is said where curl is called, not
  # here. Where it is always the same one, write a profile of your own:
  #
  #   profile "curl" {
  #     inherits = ["library/curl"]
  #     network {
  #       mode = "filtered"
  #       connect "api.example.org" { ports = [443] }
  #     }
  #   }
  network {
    mode = "host"
  }
}
