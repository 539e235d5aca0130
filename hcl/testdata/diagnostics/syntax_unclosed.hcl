profile "a" {
  filesystem {
    read = ["${project}"

profile "b" {
}
