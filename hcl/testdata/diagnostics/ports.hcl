profile "bound_and_connected" {
  network {
    mode    = "filtered"
    listen  = [3000, 53, 9443]
    publish = [8080]
    connect "example.org" { ports = [443, 8080] }
    connect "example.com" { ports = [3000] }
    connect "192.0.2.7" {
      ports    = [9443]
      protocol = "udp"
    }
  }
}

profile "parent" {
  network {
    mode    = "filtered"
    publish = [5173]
  }
}

profile "child" {
  inherits = ["parent"]
  network {
    connect "example.org" { ports = [5173] }
  }
}
