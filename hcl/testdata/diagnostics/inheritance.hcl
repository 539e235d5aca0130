profile "npm" {
  inherits = ["npm"]
}
profile "a" {
  inherits = ["b"]
}
profile "b" {
  inherits = ["c"]
}
profile "c" {
  inherits = ["a"]
}
profile "d" {
  inherits = ["e", "library/nmp", "a b"]
}
profile "e" {
  inherits = ["nowhere"]
}
profile "f" {
  inherits = ["base"]
  remove {
    pass = ["TERMM", "TERM"]
    read = ["${home}/x"]
  }
}
