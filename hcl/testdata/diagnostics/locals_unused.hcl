# Locals that no profile uses are looked at as well.
locals {
  text  = file("/etc/passwd")
  now   = timestamp()
  names = lenght([])
}

profile "a" {
  filesystem { read = ["${project}"] }
}
