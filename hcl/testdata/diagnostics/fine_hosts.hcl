profile "a" {
  network {
    mode = "filtered"
    connect "registry.npmjs.org" { ports = [443] }
    connect "*.example.com" { ports = [80, 443] }
    connect "localhost" { ports = [5432] }
    connect "10.0.0.0/8" { ports = [53] }
    connect "10.0.0.1" { ports = [53] }
    connect "2001:db8::1" { ports = [443] }
    connect "2001:db8::/32" { ports = [443] }
    connect "xn--bcher-kva.example" { ports = [443] }
    connect "_srv.example" { ports = [443] }
    connect "twice.example" { ports = [53] }
    connect "twice.example" {
      ports    = [53]
      protocol = "udp"
    }
  }
}
