profile "a" {
  degrade = ["landlok", "seccomp"]
  filesystem { view = "minimum" }
  home { mode = "privat" }
  tmp {
    mode      = "sesion"
    slash_tmp = "deny"
    cleanup   = "me"
  }
  network { mode = "filterd" }
  namespaces { share = ["nett"] }
  identity { user = "rot" }
  supervise {
    on_denied = "aks"
    approver  = "ttyy"
    rate      = "10 per second"
    audit     = "denial"
  }
  syscalls {
    default     = "deny"
    foreign_abi = "EPERM"
    deny        = ["ptrase", "No Call"]
    rule "socket" {
      when   = ""
      action = "errno:eperm"
    }
  }
}
profile "promises" {
  syscalls { promises = ["@pledge-stdio", "stdio rpath", "@mount"] }
}
profile "rules" {
  syscalls {
    rule "@mount" {
      action = "kill"
    }
    rule "No Call" {
      action = "kill"
    }
  }
}
