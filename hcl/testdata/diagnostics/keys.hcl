profile "a" {
  environment {
    set = { A = null, 5 = "x" }
  }
  syscalls {
    errno = { 5 = ["clone3"], "(x)" = ["openat2"] }
  }
}
