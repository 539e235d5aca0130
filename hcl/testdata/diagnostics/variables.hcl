variable "no_value" {}
variable "wrong_default" {
  type    = list(string)
  default = 5
}
variable "wrong_type" {
  type = strin
}
variable "uses_local" {
  default = local.x
}
variable "invalid" {
  default = "c"
  validation {
    condition     = contains(["a", "b"], var.invalid)
    error_message = "Write a or b."
  }
}
variable "unknown_attribute" {
  default   = ""
  sensitive = true
}
variable "not a name" {
  default = ""
}
locals {
  x = var.nothing
}
profile "p" {
  description = var.no_value
  filesystem {
    read = ["${home}/${var.invald}", local.y, local.x]
  }
}
