# wrap { package; profile | text | settings; … } is the package with some of its
# commands behind wrappers. Everything is decided here: the wrappers name store
# paths, and at run time no profile is read and nothing is searched.
{
  lib,
  stdenv,
  runCommand,
  writeText,
  closureInfo,
  husk,
  buildPackages,
}:
let
  inherit (import ./settings.nix) profileJSON;

  architectures = {
    x86_64-linux = "amd64";
    aarch64-linux = "arm64";
  };
  architecture = architectures.${stdenv.hostPlatform.system} or (throw "husk runs on ${toString (builtins.attrNames architectures)}, not on ${stdenv.hostPlatform.system}");

  # profileFile is a file of its own: a path below a flake's source would make the
  # whole source part of what refers to it.
  profileFile =
    arguments: name:
    let
      given = builtins.filter (key: arguments.${key} or null != null) [
        "profile"
        "text"
        "settings"
      ];
      file = {
        profile =
          if builtins.isPath arguments.profile then
            builtins.path {
              path = arguments.profile;
              name = baseNameOf arguments.profile;
            }
          else
            arguments.profile;
        text = writeText "${name}.hcl" arguments.text;
        settings = writeText "${name}.hcl.json" (profileJSON name arguments.settings);
      };
    in
    if builtins.length given != 1 then
      throw "husk.wrap: ${name}: give exactly one of profile, text and settings, not ${toString (builtins.length given)}"
    else
      file.${builtins.head given};

  # What a file is called in messages: without the store's hash.
  shortName =
    file: name:
    let
      base = builtins.unsafeDiscardStringContext (baseNameOf (toString file));
      stripped = builtins.match "[0-9a-z]{32}-(.*)" base;
      plain = if stripped == null then base else builtins.head stripped;
    in
    if lib.hasSuffix ".hcl" plain || lib.hasSuffix ".hcl.json" plain then plain else "${name}.hcl";

  known = [
    "package"
    "name"
    "profile"
    "text"
    "settings"
    "commands"
    "extraClosure"
    "variables"
  ];

  wrap =
    arguments:
    let
      inherit (arguments) package;
      unknown = builtins.filter (key: !builtins.elem key known) (builtins.attrNames arguments);
      name = arguments.name or (package.meta.mainProgram or (lib.getName package));
      # The command's name to the profile's.
      commands = arguments.commands or { ${name} = name; };
      variables = arguments.variables or { };
      profile = profileFile arguments name;
      # meta.outputsToInstall is what an installed package brings along.
      outputs = map (output: package.${output}) (package.meta.outputsToInstall or [ "out" ]);
      binaries = lib.getBin package;
      closure = closureInfo { rootPaths = [ binaries ] ++ arguments.extraClosure or [ ]; };

      wrapped =
        runCommand "${package.name or name}-husked"
          {
            # The plain package installed beside it must not win, silently.
            meta = (lib.hiPrio package).meta // {
              outputsToInstall = [ "out" ];
            };
            passthru = package.passthru or { };
          }
          ''
            cp ${profile} ${shortName profile name}
            ${buildPackages.husk}/bin/husk render ${shortName profile name} --target nix --out $out \
              --enforcer ${husk}/bin/husk-enforce --arch ${architecture} \
              --path ${binaries}/bin --closure ${closure}/store-paths ${
                lib.concatMapStringsSep " " lib.escapeShellArg (
                  lib.concatLists (
                    lib.mapAttrsToList (command: profile: [
                      "--command"
                      "${command}=${profile}"
                    ]) commands
                    ++ lib.mapAttrsToList (variable: value: [
                      "--set"
                      "${variable}=${value}"
                    ]) variables
                  )
                )
              }
            bash ${./install.sh} $out ${lib.escapeShellArg (lib.concatStringsSep " " (builtins.attrNames commands))} ${toString outputs}
          '';

      otherOutputs = builtins.filter (output: output != "out") (package.outputs or [ "out" ]);
    in
    if unknown != [ ] then
      throw "husk.wrap: ${name}: there is no argument ${lib.concatStringsSep ", " unknown}; there are ${lib.concatStringsSep ", " known}"
    else
      wrapped
      // lib.genAttrs otherOutputs (output: package.${output})
      # What joins others (symlinkJoin) has none, and lib.getVersion takes the name's.
      // (if package ? version then { inherit (package) version; } else { })
      // {
        pname = lib.getName package;
        unwrapped = package;
        # The package's own, with the wrappers on the result.
        override = change: wrap (arguments // { package = package.override change; });
        overrideAttrs = change: wrap (arguments // { package = package.overrideAttrs change; });
        # The same for the arguments of wrap.
        rewrap = change: wrap (arguments // change);
      };
in
wrap
