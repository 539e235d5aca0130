# What `nix flake check` builds. nix/tests/README.md says what that proves.
{ pkgs, self }:
let
  demo = pkgs.callPackage ./tests/demo.nix { };
  wrapped = pkgs.husk.wrap {
    package = demo;
    profile = ./tests/demo.hcl;
  };
in
{
  demo = wrapped; # to be tried outside of a build
  package = import ./checks/package.nix { inherit pkgs; };
  wrapped = import ./checks/wrapped.nix { inherit pkgs demo wrapped; };
  enforced = import ./checks/enforced.nix { inherit pkgs wrapped; };
  arguments = import ./checks/arguments.nix { inherit pkgs demo; };
  settings = import ./checks/settings.nix { inherit pkgs demo wrapped; };
  overlay = import ./checks/overlay.nix { inherit pkgs self demo; };
  modules = import ./checks/modules.nix { inherit pkgs self demo; };
}
