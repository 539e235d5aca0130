# The overlays add husk and husked and shadow nothing.
{
  pkgs,
  self,
  demo,
}:
let
  inherit (pkgs) lib;
  added = builtins.attrNames (self.overlays.default pkgs pkgs);
  more = pkgs.extend (self.lib.mkOverlay { demo = _: { package = demo; profile = ../tests/demo.hcl; }; });
  direct = self.lib.wrap pkgs {
    package = demo;
    profile = ../tests/demo.hcl;
  };
  facts = {
    "the overlay adds husk and husked only" = added == [ "husk" "husked" ];
    "mkOverlay adds to husked" = more.husked.demo.outPath == direct.outPath && more.husked ? npm == pkgs.husked ? npm;
    "mkOverlay shadows nothing" = !(more ? demo) || more.demo == pkgs.demo;
  };
  broken = builtins.attrNames (lib.filterAttrs (_: holds: !holds) facts);
in
assert broken == [ ] || throw "not true of the overlays: ${lib.concatStringsSep "; " broken}";
pkgs.runCommand "husk-check-overlay" { } ''
  # The library's profiles, of which this nixpkgs may have no package.
  for wrapper in ${toString (lib.concatLists (lib.mapAttrsToList (name: package: map (command: "${package}/bin/${command}") (if name == "npm" then [ "npm" "npx" ] else [ name ])) pkgs.husked))}; do
    test "$(head -n 1 $wrapper)" = '#!${pkgs.husk}/bin/husk-enforce'
  done
  touch $out
  exit 0
''
