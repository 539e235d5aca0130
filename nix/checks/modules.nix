# The modules, with the example of each, in a system that has only the options that
# they set: which packages and files come of it.
{
  pkgs,
  self,
  demo,
}:
let
  inherit (pkgs) lib;

  evaluate =
    module: stub: example:
    (lib.evalModules {
      specialArgs = { inherit pkgs demo; };
      modules = [
        module
        stub
        example
      ];
    }).config;

  anything = lib.mkOption { type = lib.types.attrs; default = { }; };
  packages = lib.mkOption { type = lib.types.listOf lib.types.package; default = [ ]; };

  home = evaluate self.homeModules.default {
    options.home.packages = packages;
    options.xdg.configFile = anything;
  } ../examples/home.nix;

  machine = evaluate self.nixosModules.default {
    options.environment.systemPackages = packages;
    options.environment.etc = anything;
    options.security.wrappers = anything;
  } ../examples/nixos.nix;

  disabled = evaluate self.homeModules.default {
    options.home.packages = packages;
    options.xdg.configFile = anything;
  } { programs.husk.profiles.demo = ../tests/demo.hcl; };

  facts = {
    "home-manager installs husk and the wrapped package" =
      map lib.getName home.home.packages == [ "husk" "demo" ];
    "home-manager links the profiles" = home.xdg.configFile ? "husk/profiles/demo.hcl";
    "NixOS installs husk and the wrapped package" =
      map lib.getName machine.environment.systemPackages == [ "husk" "demo" ];
    "NixOS has the profiles" = machine.environment.etc ? "husk/profiles/demo.hcl";
    "nothing is set-user-ID" = machine.security.wrappers == { };
    "what is not enabled does nothing" = disabled.home.packages == [ ] && disabled.xdg.configFile == { };
    "the older name is there" = self.homeManagerModules ? default;
  };
  broken = builtins.attrNames (lib.filterAttrs (_: holds: !holds) facts);
in
assert broken == [ ] || throw "not true of the modules: ${lib.concatStringsSep "; " broken}";
pkgs.runCommand "husk-check-modules" { } ''
  # Both examples say the same, one in HCL, one in attributes.
  for package in ${toString (home.home.packages ++ machine.environment.systemPackages)}; do
    test -d $package/bin
  done
  cmp ${home.xdg.configFile."husk/profiles/demo.hcl".source} ${../tests/demo.hcl}
  cmp ${machine.environment.etc."husk/profiles/demo.hcl".source} ${../tests/demo.hcl}
  touch $out
  exit 0
''
