# A profile as Nix attributes is the profile as HCL: the same plan, but for the file
# and the lines that its rules come from. Text in attributes is literal.
{
  pkgs,
  demo,
  wrapped,
}:
let
  inherit (pkgs.husk) expr;
  settings = {
    inherits = [ "base" ];
    commands = [ "demo" ];
    filesystem = {
      read = [ (expr "\${project}") ];
      write = [ (expr "\${project}/out") ];
    };
  };
  fromSettings = pkgs.husk.wrap {
    package = demo;
    inherit settings;
  };
  literal = pkgs.husk.wrap {
    package = demo;
    settings = settings // {
      environment.set.TEXT = "\${home} %{if true}";
    };
  };
  policy = w: "sed -e '/\"origins\"/,$d' -e 's/\"origin\": [0-9]*/\"origin\": 0/' -e '/\"source\"/d' -e 's|${w}|OUT|' ${w}/share/husk/plans/demo.plan | grep -v '^#'";
in
pkgs.runCommand "husk-check-settings" { } ''
  ${policy wrapped} > native
  ${policy fromSettings} > json
  test -s native
  diff native json
  grep -F '"text": "''${home} %{if true}"' ${literal}/share/husk/plans/demo.plan
  touch $out
  exit 0
''
