profil "a" {}

profile "b" {
  hide = ["${project}/.env"]
  filesystem = {}
  home {
    mod = "private"
  }
  read {}
  network {
    conect "example.com" { ports = [443] }
    connect "example.org" { port = 443 }
  }
  gibberish {}
  inherits {}
}
