profile "a" {
  network {
    mode = "filtered"
    connect "https://Example.com/x" { ports = [443] }
    connect "example.com:443" { ports = [443] }
    connect "Example.com" { ports = [443] }
    connect "example.com." { ports = [443] }
    connect "bücher.example" { ports = [443] }
    connect "*" { ports = [443] }
    connect "*.com" { ports = [443] }
    connect "a.*.com" { ports = [443] }
    connect ".example.com" { ports = [443] }
    connect "ann@example.com" { ports = [443] }
    connect "example.com/path" { ports = [443] }
    connect "10.0.0.1/8" { ports = [443] }
    connect "10.1.2" { ports = [443] }
    connect "10.01.2.3" { ports = [443] }
    connect "[::1]:80" { ports = [443] }
    connect "::ffff:10.0.0.1" { ports = [443] }
    connect "fe80::1%eth0" { ports = [443] }
    connect "2001:DB8::1" { ports = [443] }
    connect "a b" { ports = [443] }
    connect "exa\u0000mple.com" { ports = [443] }
    connect "-a.example" { ports = [443] }
    connect "" { ports = [443] }
    connect "ports.example" { ports = [0, 65536, 1.5, -1] }
    connect "none.example" {}
    connect "twice.example" { ports = [1] }
    connect "twice.example" { ports = [2] }
    connect "Dotted.Example." { ports = [443] }
  }
}
