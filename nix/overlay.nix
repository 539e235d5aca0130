# Adds husk and husked. It never shadows a package: a sandboxed git under the
# name git would get into the builds of others, and building husk itself needs git.
final: prev: {
  husk = final.callPackage ./package.nix { };

  # Packages behind the library's profiles, and what mkOverlay adds.
  husked = (prev.husked or { }) // import ./husked.nix final prev;
}
