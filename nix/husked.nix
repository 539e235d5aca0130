# The packages that the library has profiles for, wrapped: husked.npm is nodejs
# with npm and npx behind wrappers. A package that this nixpkgs lacks is left out.
final: prev:
let
  inherit (final) lib;

  # What programs of their kind start and read that is in no package's closure.
  shell = p: [
    p.bash
    p.coreutils
  ];
  certificates = p: [ p.cacert ];

  known = {
    curl = {
      package = "curl";
      commands = [ "curl" ];
      extra = certificates;
    };
    npm = {
      package = "nodejs";
      commands = [
        "npm"
        "npx"
      ];
      extra = p: shell p ++ certificates p;
    };
  };

  wrap =
    name: k:
    final.husk.wrap {
      package = final.${k.package};
      inherit name;
      # A profile of the same name that only inherits: the library's own is not copied.
      text = ''
        profile "${name}" {
          inherits = ["library/${name}"]
        }
      '';
      commands = lib.genAttrs k.commands (_: name);
      extraClosure = k.extra final;
    };
in
lib.mapAttrs wrap (lib.filterAttrs (_: k: prev ? ${k.package}) known)
