{
  description = "husk: a sandbox in front of a command, without changing how the command is typed";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      # What husk runs on: Linux, and the architectures that its filters are compiled for.
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAllSystems = f: lib.genAttrs systems (system: f (pkgsFor system));
      pkgsFor = system: nixpkgs.legacyPackages.${system}.extend self.overlays.default;
    in
    {
      overlays.default = import ./nix/overlay.nix;

      packages = forAllSystems (pkgs: {
        inherit (pkgs) husk;
        default = pkgs.husk;
      });

      lib = {
        # wrap pkgs { package = …; … } for who doesn't want an overlay.
        wrap = pkgs: (pkgs.extend self.overlays.default).husk.wrap;
        mkOverlay = import ./nix/mk-overlay.nix;
      };

      homeModules.default = import ./nix/modules/home-manager.nix;
      homeManagerModules = self.homeModules; # the name that older flakes use
      nixosModules.default = import ./nix/modules/nixos.nix;

      checks = forAllSystems (pkgs: import ./nix/checks.nix { inherit pkgs self; });

      devShells = forAllSystems (pkgs: {
        default = import ./nix/dev-shell.nix { inherit pkgs; };
      });

      formatter = forAllSystems (pkgs: pkgs.nixfmt);
    };
}
