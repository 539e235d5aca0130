locals {
  a     = local.b
  b     = local.c
  c     = "${local.a}x"
  self  = local.self
  whole = keys(local)
  fails = 1 + "x"
}
profile "p" {
  description = "${local.a}${local.fails}${local.whole}"
}
