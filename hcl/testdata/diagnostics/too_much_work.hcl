locals {
  r = range(1000)
  x = [for a in local.r : [for b in local.r : [for c in local.r : a]]]
  a = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  b = "${local.a}${local.a}${local.a}${local.a}${local.a}${local.a}${local.a}${local.a}"
}
profile "p" {
  description = local.x
}
