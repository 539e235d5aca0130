# A wrapped package keeps what the package had, and starts the wrapper wherever the
# package started the program.
{
  pkgs,
  demo,
  wrapped,
}:
let
  inherit (pkgs) lib;
  other = wrapped.overrideAttrs (_: { version = "9"; });
  joined = pkgs.symlinkJoin { name = "demo"; paths = [ demo ]; };
  whole = wrapped.rewrap { package = joined; };
  overridden = wrapped.override { lib = lib // { isOther = true; }; };

  facts = {
    "the manual is an output of the package, and of the wrapped one" = wrapped.man == demo.man;
    "the main program stays" = wrapped.meta.mainProgram == "demo" && lib.getExe wrapped == "${wrapped}/bin/demo";
    "it wins over the plain package" = wrapped.meta.priority < (demo.meta.priority or 5);
    "the plain package can be had" = wrapped.unwrapped == demo;
    "overrideAttrs reaches the package" = other.version == "9" && other.unwrapped.version == "9" && other.outPath != wrapped.outPath;
    "override reaches the package" = overridden ? unwrapped && overridden.override or null != null;
    "what joins packages has no version, and gets none" = !(whole ? version) && whole.unwrapped == joined;
    "rewrap changes wrap's arguments" = (wrapped.rewrap { extraClosure = [ pkgs.husk ]; }).outPath != wrapped.outPath;
  };
  broken = builtins.attrNames (lib.filterAttrs (_: holds: !holds) facts);
in
assert broken == [ ] || throw "not true of a wrapped package: ${lib.concatStringsSep "; " broken}";
pkgs.runCommand "husk-check-wrapped"
  {
    closure = pkgs.closureInfo { rootPaths = [ wrapped ]; };
  }
  ''
    # The wrapper is the self-contained file; what is not wrapped stays.
    test "$(head -n 1 ${wrapped}/bin/demo)" = '#!${pkgs.husk}/bin/husk-enforce'
    test "$(readlink -f ${wrapped}/bin/demo-other)" = "$(readlink -f ${demo}/bin/demo-other)"

    # What joins packages can be wrapped like one.
    test "$(head -n 1 ${whole}/bin/demo)" = '#!${pkgs.husk}/bin/husk-enforce'
    test "$(readlink -f ${whole}/bin/demo-other)" = "$(readlink -f ${demo}/bin/demo-other)"
    test -s ${whole}/share/bash-completion/completions/demo

    # Everything that an installed package brings along.
    test -s ${wrapped}/share/man/man1/demo.1
    test -s ${wrapped}/share/bash-completion/completions/demo

    # What starts programs for a user starts the wrapper.
    grep -Fx 'Exec=${wrapped}/bin/demo read %f' ${wrapped}/share/applications/demo.desktop
    grep -Fx 'TryExec=${wrapped}/bin/demo' ${wrapped}/share/applications/demo.desktop
    grep -Fx 'X-Other=${demo}/bin/demo-other' ${wrapped}/share/applications/demo.desktop
    grep -Fx 'Exec=${wrapped}/bin/demo' ${wrapped}/share/dbus-1/services/demo.service
    grep -Fx 'ExecStart=${wrapped}/bin/demo read /etc/hostname' ${wrapped}/lib/systemd/user/demo.service

    # Nothing at run time but husk and the program: no profile, no shell, no compiler.
    sort $closure/store-paths > have
    printf '%s\n' ${wrapped} ${pkgs.husk} ${demo} ${demo.man} | sort > want
    diff want have
    touch $out
    exit 0
  ''
