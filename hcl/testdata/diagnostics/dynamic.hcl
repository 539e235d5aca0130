profile "p" {
  dynamic "sockets" {
    for_each = []
    content {}
  }
  network {
    mode = "filtered"
    dynamic "connect" {
      for_each = "x"
      content { ports = [443] }
    }
    dynamic "connect" {
      for_each = ["a.example"]
      content { ports = [443] }
    }
    dynamic "connect" {
      for_each = ["a.example"]
      labels   = ["a.example", "b.example"]
      content { ports = [443] }
    }
    dynamic "connect" {
      for_each = ["b.example"]
      labels   = [connect.value]
    }
    dynamic "connect" {
      for_each = ["c.example"]
      iterator = "c"
      labels   = [c.value]
      content { ports = [443] }
    }
    dynamic "connect" {
      for_each = ["Upper.example", "d.example"]
      labels   = [connect.value]
      content { ports = [connect.key + 1] }
    }
  }
}
