# Wrong arguments and wrong profiles fail, with what is wrong.
{ pkgs, demo }:
let
  inherit (pkgs) lib;
  fails = arguments: !(builtins.tryEval (pkgs.husk.wrap ({ package = demo; } // arguments)).outPath).success;
  facts = {
    "no profile" = fails { };
    "two profiles" = fails {
      text = "";
      profile = ../tests/demo.hcl;
    };
    "an argument that isn't there" = fails {
      text = "";
      profil = "";
    };
  };
  accepted = builtins.attrNames (lib.filterAttrs (_: failed: !failed) facts);
in
assert accepted == [ ] || throw "wrap takes ${lib.concatStringsSep ", " accepted}";
pkgs.runCommand "husk-check-arguments" { } ''
  export HOME=$TMPDIR
  cat > wrong.hcl <<'PROFILE'
  profile "demo" {
    commands = ["demo"]
    filesystem {
      reed = ["''${project}"]
    }
  }
  PROFILE
  if ${pkgs.husk}/bin/husk render wrong.hcl --out $TMPDIR/out --path ${demo}/bin 2> log; then
    echo "an invalid profile was rendered" >&2
    exit 1
  fi
  cat log
  grep -F 'wrong.hcl:4' log
  grep -F 'read' log
  test ! -e $TMPDIR/out
  touch $out
  exit 0
''
