# programs.husk, the same for a user (home-manager) and a machine (NixOS).
{
  lib,
  pkgs,
  config,
  ...
}:
let
  inherit (lib) mkOption types;

  wrapper =
    { name, ... }:
    {
      options = {
        package = mkOption {
          type = types.package;
          description = "The package to wrap. Everything in it that is not wrapped stays as it is.";
        };
        name = mkOption {
          type = types.str;
          default = name;
          description = "The command to wrap, and its profile, where `commands` names none.";
        };
        profile = mkOption {
          type = types.nullOr types.path;
          default = null;
          description = "The profile, as a file. Exactly one of `profile`, `text` and `settings` is to be given.";
        };
        text = mkOption {
          type = types.nullOr types.lines;
          default = null;
          description = "The profile, as HCL.";
        };
        settings = mkOption {
          type = types.nullOr types.attrs;
          default = null;
          description = "The profile's attributes and blocks. Text is literal; `pkgs.husk.expr` marks HCL in it.";
        };
        commands = mkOption {
          type = types.nullOr (types.attrsOf types.str);
          default = null;
          description = "The commands to wrap, each with the name of its profile.";
        };
        extraClosure = mkOption {
          type = types.listOf types.package;
          default = [ ];
          description = "Packages that the program may read beside its own closure: a shell, certificates.";
        };
        variables = mkOption {
          type = types.attrsOf types.str;
          default = { };
          description = "Values of the profile's variables.";
        };
      };
    };
in
{
  options.programs.husk = {
    enable = lib.mkEnableOption "husk, sandboxes in front of commands";
    package = mkOption {
      type = types.package;
      default = pkgs.husk;
      description = "The husk to use; the overlay has it.";
    };
    wrappers = mkOption {
      type = types.attrsOf (types.submodule wrapper);
      default = { };
      description = "Packages to install with some of their commands behind wrappers.";
    };
    profiles = mkOption {
      type = types.attrsOf types.path;
      default = { };
      description = "Profile files, by name, for `husk apply` and `husk run`.";
    };
    wrapped = mkOption {
      type = types.listOf types.package;
      internal = true;
      description = "The packages that `wrappers` makes.";
    };
  };

  config.programs.husk.wrapped = lib.mapAttrsToList (
    _: wrapper: config.programs.husk.package.wrap (lib.filterAttrs (_: value: value != null) wrapper)
  ) config.programs.husk.wrappers;
}
