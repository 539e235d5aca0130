# The wrapper holds the program, here in the build: what the profile grants works,
# and beside it what it doesn't grant fails.
{ pkgs, wrapped }:
let
  stranger = pkgs.writeText "stranger" "not in the closure\n";
in
pkgs.runCommand "husk-check-enforced" { inherit stranger; } ''
  # A user's home and project, below what the build may write.
  export HOME=$PWD/home TMPDIR=$PWD/tmp
  mkdir -p $HOME/.ssh $HOME/project/out $TMPDIR
  echo key > $HOME/.ssh/id
  echo text > $HOME/project/file
  cd $HOME/project
  mkdir .git

  fails() {
    if "$@" > log 2>&1; then
      echo "this should have failed: $*" >&2
      exit 1
    fi
    grep -E 'permission denied|no such file|read-only' log
  }

  test "$(${wrapped}/bin/demo read file)" = text
  fails ${wrapped}/bin/demo read $HOME/.ssh/id
  test "$(${wrapped.unwrapped}/bin/demo read $HOME/.ssh/id)" = key

  ${wrapped}/bin/demo write out/new
  test "$(cat out/new)" = written
  fails ${wrapped}/bin/demo write new

  # Of the store, the closure: not every other path that happens to be there.
  ${wrapped}/bin/demo read ${wrapped.unwrapped}/share/applications/demo.desktop > /dev/null
  fails ${wrapped}/bin/demo read $stranger
  test "$(${wrapped.unwrapped}/bin/demo read $stranger)" = 'not in the closure'
  touch $out
  exit 0
''
