# The keys that the user's ssh-agent holds. It wraps no command: inherit it
# where a program is to sign with those keys. It can sign anything with them
# while it runs, and cannot take them away.
profile "ssh-agent" {
  description = "the user's ssh-agent, to inherit: signs with its keys, doesn't give them away"

  socket "${env("SSH_AUTH_SOCK")}" {
    access = "connect"
  }

  environment {
    pass = ["SSH_AUTH_SOCK"]
  }
}
