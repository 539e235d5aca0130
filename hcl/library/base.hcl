# What nearly every command needs and what gives nothing away. The other
# profiles of the library build on it.
profile "base" {
  description = "the harmless environment that the other profiles build on"

  # System directories are there, read-only; of the home directory only what a
  # profile grants.
  filesystem {
    view = "minimal"
  }

  environment {
    pass = [
      # How text is shown. COLUMNS and LINES are what the shell exports, if anything.
      "TERM", "COLORTERM", "TERM_PROGRAM", "COLUMNS", "LINES",
      "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE",

      # Language and time zone.
      "LANG", "LANGUAGE", "LC_*", "TZ",

      # Where the certificate authorities are, for the libraries that can be
      # told. The variables name files: outside the system directories such a
      # file needs a grant as well.
      "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE",
      "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO",

      # Tools ask fewer questions in continuous integration.
      "CI",
    ]
  }
}
