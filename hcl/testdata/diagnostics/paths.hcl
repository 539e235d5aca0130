locals {
  cache = "${home}/.cache"
}
profile "a" {
  filesystem {
    read = [
      "$${home}/x",
      "$${project}/x",
      "src",
      "./src",
      "",
      "~bob/x",
      "$HOME/.npmrc",
      "$XDG_CACHE_HOME/x",
      "${home}x",
      "/data${home}",
      "x/${home}",
      "${home}/../x",
      "/../x",
      "${cwd}/${project}",
      "${home}/*.pem",
      "${upper(home)}/x",
      substr(local.cache, 0, 4),
      "\uE000home\uE001deadbeefdeadbeef\uE002/x",
      "${env("NOT A NAME")}/x",
      "/a\u0000b",
    ]
  }
}
