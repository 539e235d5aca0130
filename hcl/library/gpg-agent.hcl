# The keys that the user's gpg-agent holds, and the public ones to name them by.
# It wraps no command: inherit it where a program is to sign with those keys.
profile "gpg-agent" {
  description = "the user's gpg-agent, to inherit: signs and decrypts with its keys, doesn't give them away"

  socket "${xdg.runtime}/gnupg/S.gpg-agent" {
    access = "connect"
  }

  # Where there is no runtime directory, the agent's socket lies beside the keys.
  socket "${home}/.gnupg/S.gpg-agent" {
    access = "connect"
  }

  filesystem {
    read = [
      "${home}/.gnupg/pubring.kbx", "${home}/.gnupg/pubring.gpg", "${home}/.gnupg/trustdb.gpg",
      "${home}/.gnupg/gpg.conf", "${home}/.gnupg/common.conf",
    ]
  }

  environment {
    pass = ["GPG_TTY"]
  }
}
