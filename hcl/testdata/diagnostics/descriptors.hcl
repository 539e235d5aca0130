profile "a" {
  descriptors = [2, 1024, 3.5, "3", 3]
}
