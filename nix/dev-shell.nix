# What it takes to work on husk: `nix develop`, then `make test`.
{ pkgs }:
pkgs.mkShell {
  packages = with pkgs; [
    go
    gnumake
    git
    shellcheck
  ];
  env.CGO_ENABLED = "0";
}
