profile "p" {
  description = file("/etc/passwd")
  filesystem {
    read = [
      getenv("HOME"),
      templatefile("x", {}),
      uper("x"),
      timestamp(),
      join("/"),
      homee,
    ]
  }
}
