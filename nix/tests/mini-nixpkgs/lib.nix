# The functions of nixpkgs' lib that husk's Nix files call.
let
  lib = rec {
    optional = condition: value: if condition then [ value ] else [ ];
    optionalString = condition: text: if condition then text else "";
    concatLists = builtins.concatLists;
    concatStringsSep = builtins.concatStringsSep;
    concatMapStringsSep = separator: f: list: builtins.concatStringsSep separator (map f list);
    hasSuffix =
      suffix: text:
      let
        length = builtins.stringLength text;
        tail = builtins.stringLength suffix;
      in
      length >= tail && builtins.substring (length - tail) tail text == suffix;
    escapeShellArg = value: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString value)}'";

    mapAttrs = builtins.mapAttrs;
    nameValuePair = name: value: { inherit name value; };
    mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
    mapAttrs' = f: set: builtins.listToAttrs (mapAttrsToList f set);
    filterAttrs = keep: set: builtins.removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
    genAttrs = names: f: builtins.listToAttrs (map (name: nameValuePair name (f name)) names);

    getName = package: package.pname or (builtins.parseDrvName package.name).name;
    getBin = package: package.bin or package.out or package;
    getExe = package: "${getBin package}/bin/${package.meta.mainProgram or (getName package)}";
    hiPrio = package: package // { meta = (package.meta or { }) // { priority = -10; }; };

    cleanSourceWith =
      {
        src,
        filter,
        name,
      }:
      builtins.path {
        path = src;
        inherit filter name;
      };

    # The result of f, where it is a set with override, which calls f again.
    makeOverridable =
      f: arguments:
      let
        result = f arguments;
      in
      if builtins.isAttrs result then result // { override = change: makeOverridable f (arguments // change); } else result;

    licenses.mit.spdxId = "MIT";
  };
in
lib // import ./modules.nix lib
