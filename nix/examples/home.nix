# A home-manager configuration with one wrapped package. (demo stands for a package
# of nixpkgs, such as pkgs.nodejs.)
{ demo, ... }:
{
  programs.husk = {
    enable = true;
    wrappers.demo = {
      package = demo;
      profile = ../tests/demo.hcl;
    };
    # For `husk run demo -- …` as well.
    profiles.demo = ../tests/demo.hcl;
  };
}
