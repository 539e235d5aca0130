

# a comment at the top
variable   "x" {
default="a"   # why
   type=string
}
profile "p"{
  inherits=["a","b" ]   # one
  commands = [ "x" ]    // two
  /* block
     comment */
  filesystem{
  read=[
"${project}",
      "/x" ,
  ]
      write = concat( ["/a"] , [for t in ["x"]:"/${t}" if t!="y"] )
    hide = var.x==1?["/h"]:[ ]


    tmpfs "/t" { size="1M" }
  }
  environment { set={A="1",B = "2"} }
  description = <<-EOT
      kept   as  it is
        indented
  EOT
  limits {
    processes = -  1
    files = (1+2)*3
    memory = local.a[0].b[*].c
  }
}
