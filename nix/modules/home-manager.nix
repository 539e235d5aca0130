# For a user: the wrapped packages in the profile, profiles in ~/.config/husk.
{ lib, config, ... }:
let
  cfg = config.programs.husk;
in
{
  imports = [ ./options.nix ];

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ] ++ cfg.wrapped;
    xdg.configFile = lib.mapAttrs' (name: source: lib.nameValuePair "husk/profiles/${name}.hcl" { inherit source; }) cfg.profiles;
  };
}
