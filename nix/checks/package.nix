# husk itself: both programs, its manual pages and completions, and nothing else in
# its closure.
{ pkgs }:
pkgs.runCommand "husk-check-package" { } ''
  test -x ${pkgs.husk}/bin/husk-enforce
  export HOME=$TMPDIR
  ${pkgs.husk}/bin/husk version | grep -F 'husk ${pkgs.husk.version}'
  test -s ${pkgs.husk}/share/man/man1/husk-apply.1
  for file in bash-completion/completions/husk zsh/site-functions/_husk fish/vendor_completions.d/husk.fish; do
    test -s ${pkgs.husk}/share/$file
  done
  echo ${pkgs.husk} | cmp - ${pkgs.closureInfo { rootPaths = [ pkgs.husk ]; }}/store-paths
  touch $out
  exit 0
''
