# The same for a machine, with the profile as attributes.
{ demo, pkgs, ... }:
{
  programs.husk = {
    enable = true;
    wrappers.demo = {
      package = demo;
      settings = {
        inherits = [ "base" ];
        filesystem.read = [ (pkgs.husk.expr "\${project}") ];
        filesystem.write = [ (pkgs.husk.expr "\${project}/out") ];
      };
    };
    profiles.demo = ../tests/demo.hcl;
  };
}
