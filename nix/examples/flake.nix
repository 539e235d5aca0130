# A flake that uses husk: an overlay with a profile of its own, and a shell with a
# wrapped tool in it.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.husk.url = "github:husk-sandbox/husk";
  inputs.husk.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { nixpkgs, husk, ... }:
    let
      pkgs = (nixpkgs.legacyPackages.x86_64-linux.extend husk.overlays.default).extend (
        husk.lib.mkOverlay {
          jq = pkgs: {
            package = pkgs.jq;
            text = ''
              profile "jq" {
                filesystem {
                  read = ["''${project}"]
                }
              }
            '';
          };
        }
      );
    in
    {
      packages.x86_64-linux.default = pkgs.husked.jq;
      devShells.x86_64-linux.default = pkgs.mkShell { packages = [ pkgs.husked.jq ]; };
    };
}
