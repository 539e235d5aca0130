profile "four" {
  inherits = ["bsae"]
  description = = "a syntax error"

  filesytem {
    read = []
  }

  limits {
    processes = "many"
  }
}
