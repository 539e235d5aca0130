# For a machine: the wrapped packages for everybody, profiles in /etc/husk. Nothing
# is set-user-ID, no capability is given to a file, no daemon runs.
{ lib, config, ... }:
let
  cfg = config.programs.husk;
in
{
  imports = [ ./options.nix ];

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package ] ++ cfg.wrapped;
    environment.etc = lib.mapAttrs' (name: source: lib.nameValuePair "husk/profiles/${name}.hcl" { inherit source; }) cfg.profiles;
  };
}
