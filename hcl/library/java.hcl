# What Java programs need beside their own files. It wraps no command: inherit
# it in the profile of a Java tool. Maven wants create("${home}/.m2") in write, and
# jshell create("${home}/.java/.userPrefs"), where it keeps its history.
profile "java" {
  description = "a JDK's configuration and fonts, to inherit in the profiles of Java tools"
  inherits    = ["base"]

  filesystem {
    # Debian keeps a JDK's configuration in /etc, which the minimal view shows in
    # part only; without it no JVM starts. Fonts are for what draws text.
    read = [
      "/etc/java-11-openjdk", "/etc/java-17-openjdk", "/etc/java-21-openjdk", "/etc/java-25-openjdk",
      "/etc/maven", "/etc/gradle", "/etc/fonts",
    ]
  }

  # jshell, debuggers, build daemons and test runners start a second JVM and talk
  # to it at any free port of their own loopback.
  network {
    loopback = true
  }
}
