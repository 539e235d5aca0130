#!/bin/sh
# The demo: real npm and curl behind wrappers, and an installed package that
# tries what malicious packages do. All of it in a throw-away directory.
#
# usage: demo.sh DIRECTORY-WITH-HUSK
set -eu

say() { printf '\n== %s\n' "$*"; }
die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

[ $# -eq 1 ] || die "usage: demo.sh DIRECTORY-WITH-HUSK"
husk=$(cd "$1" && pwd)/husk
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$husk" ] || die "no husk in $1: run make build"
for tool in npm node curl tar; do
	command -v "$tool" >/dev/null || die "$tool is not installed"
done

place=$(mktemp -d "${TMPDIR:-/tmp}/husk-demo.XXXXXX")
trap 'chmod -R u+w "$place" && rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM

# Where npm is told to go, without its leaving a log in the real home.
registry=$(npm_config_cache="$place/cache" npm config get registry 2>/dev/null)
curl --silent --show-error --fail --max-time 20 --output /dev/null "$registry" ||
	die "the npm registry ($registry) does not answer, and the demo installs a real package from it"

# A home with something to steal, and a project with nothing yet.
HOME=$place/home
export HOME
export DEPLOY_TOKEN=planted-token
export npm_config_registry="$registry" npm_config_update_notifier=false
# The library's npm may talk to the public registry; this one may be another.
place_of_registry=${registry#*://}
place_of_registry=${place_of_registry%%/*}
case $registry in http://*) HUSK_VAR_registry_port=80 ;; *) HUSK_VAR_registry_port=443 ;; esac
case $place_of_registry in *:*) HUSK_VAR_registry_port=${place_of_registry##*:} ;; esac
HUSK_VAR_registry=${place_of_registry%:*}
export HUSK_VAR_registry HUSK_VAR_registry_port
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME
mkdir -p "$HOME/.ssh" "$place/project" "$place/package"
echo 'planted-key' >"$HOME/.ssh/id_ed25519"
echo '# planted' >"$HOME/.bashrc"
cp "$here/nosy.js" "$here/package.json" "$place/package"
tar -C "$place" -czf "$place/project/nosy-1.0.0.tgz" package
printf '{ "name": "demo", "version": "1.0.0", "private": true }\n' >"$place/project/package.json"
cd "$place/project"

say "without husk, the package's postinstall script gets all it wants"
# The shell between is the parent with the token.
sh -c 'node "$1"; true' sh "$place/package/nosy.js"
echo '# planted' >"$HOME/.bashrc"

say "husk apply --library npm,curl"
PATH=$place/bin:$PATH
export PATH
"$husk" apply --library npm,curl --bin "$place/bin"
head -n 4 "$place/bin/npm" | cut -c 1-120

say "npm install left-pad ./nosy-1.0.0.tgz"
npm install --foreground-scripts --no-fund --no-audit --loglevel=error left-pad ./nosy-1.0.0.tgz | tee "$place/log"

say "what came of it"
[ -d node_modules/left-pad ] || die "left-pad was not installed"
[ -d node_modules/nosy ] || die "nosy was not installed"
[ "$(cat "$HOME/.bashrc")" = '# planted' ] || die "the .bashrc was changed"
grep -q '^nosy:.*refused' "$place/log" || die "nosy's script did not run: nothing was shown"
! grep '^nosy:.*GOT IT' "$place/log" || die "nosy got through"
echo "left-pad and nosy are installed, ~/.bashrc is as it was, nothing was taken"

say "curl writes where it stands, and reads no key"
curl --silent --show-error --fail --output answer.json "${registry%/}/left-pad/latest"
[ -s answer.json ] || die "curl wrote nothing"
echo "curl -o answer.json: $(wc -c <answer.json) bytes"
! curl --silent "file://$HOME/.ssh/id_ed25519" || die "curl read the key"
echo "curl file://\$HOME/.ssh/id_ed25519: refused"

say "the demo is over and leaves nothing behind"
