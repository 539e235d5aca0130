#!/usr/bin/env bash
# Puts a package around the wrappers in $out/bin: everything that its outputs
# install, as links, and copies of the files that start a wrapped command by its
# path, which start the wrapper instead.
#
# usage: install.sh OUT COMMANDS OUTPUT…
#   OUT       where the wrappers are, and the package is to be
#   COMMANDS  the wrapped commands, with blanks between them
#   OUTPUT    the store path of an output to install
set -euo pipefail

readonly out=$1 commands=$2
shift 2
readonly outputs=("$@")

# own makes a path below $out a directory of links, where it is a link to one.
own() {
	local target entry
	[[ -L $out/$1 ]] || return 0
	target=$(readlink -f "$out/$1")
	rm "$out/$1"
	mkdir "$out/$1"
	for entry in "$target"/* "$target"/.[!.]*; do
		[[ -e $entry || -L $entry ]] && ln -s "$entry" "$out/$1/"
	done
	return 0
}

# link lays links to everything of an output; the wrappers are there already.
link() {
	cp --recursive --symbolic-link --no-clobber --no-preserve=mode "$1/." "$out"
}

# quote gives a text as an extended regular expression that means it.
quote() { printf '%s' "$1" | sed 's/[].*^$+?(){}|\\#[]/\\&/g'; }

# rewrite makes the files below a directory that name a wrapped program name its
# wrapper. A name ends where no more characters of a file name follow.
rewrite() {
	local file output command expression=''
	for output in "${outputs[@]}"; do
		for command in $commands; do
			expression+="s#$(quote "$output")/s?bin/$(quote "$command")([^A-Za-z0-9._+-]|\$)#$out/bin/$command\1#g;"
		done
	done
	for file in "$out/$1"/*; do
		[[ -f $file ]] || continue
		sed --regexp-extended "$expression" "$file" >"$file.new"
		if cmp --silent "$file" "$file.new"; then
			rm "$file.new"
		else
			mv "$file.new" "$file"
		fi
	done
}

main() {
	local output dir
	for output in "${outputs[@]}"; do
		link "$output"
	done
	# What starts programs for a user: desktop files, D-Bus and systemd activation.
	for dir in share share/applications etc etc/xdg etc/xdg/autostart \
		share/dbus-1 share/dbus-1/services share/dbus-1/system-services \
		share/systemd share/systemd/user lib lib/systemd lib/systemd/user lib/systemd/system; do
		own "$dir"
	done
	for dir in share/applications etc/xdg/autostart share/dbus-1/services share/dbus-1/system-services \
		share/systemd/user lib/systemd/user lib/systemd/system; do
		if [[ -d $out/$dir ]]; then
			rewrite "$dir"
		fi
	done
}

main
