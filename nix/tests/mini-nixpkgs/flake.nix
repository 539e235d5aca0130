{
  description = "as much of nixpkgs' interface as husk's flake uses, for tests without a network";

  outputs =
    { self }:
    {
      lib = import ./lib.nix;
      legacyPackages = self.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: import ./packages.nix { inherit system; });
    };
}
