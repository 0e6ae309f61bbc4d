#!/bin/sh
# Installs Dockshala from this folder; needs no network. It is one static binary: running ./dockshala from here works too.
#
#   ./install.sh            to /usr/local as root, else to ~/.local
#   ./install.sh DIR        below DIR
#   ./install.sh --remove [DIR]
set -eu

remove=
if [ "${1-}" = --remove ]; then remove=yes; shift; fi
if [ "$(id -u)" = 0 ]; then to=${1-/usr/local}; else to=${1-$HOME/.local}; fi
here=$(cd "$(dirname "$0")" && pwd)

put() { # MODE FROM TO
    if [ -n "$remove" ]; then
        rm -f "$3"
    else
        mkdir -p "$(dirname "$3")"
        # A running program cannot be written over, but it can be replaced.
        cp "$2" "$3.new" && chmod "$1" "$3.new" && mv -f "$3.new" "$3"
    fi
}

put 755 "$here/dockshala" "$to/bin/dockshala"
put 644 "$here/completions/dockshala.bash" "$to/share/bash-completion/completions/dockshala"
put 644 "$here/completions/dockshala.zsh" "$to/share/zsh/site-functions/_dockshala"
put 644 "$here/completions/dockshala.fish" "$to/share/fish/vendor_completions.d/dockshala.fish"
for page in "$here"/man/*.1; do put 644 "$page" "$to/share/man/man1/$(basename "$page")"; done

if [ -n "$remove" ]; then
    echo "Removed from $to. Your progress and your working copies were not touched."
    exit 0
fi
echo "Installed $("$to/bin/dockshala" --version) to $to/bin/dockshala. Begin with: dockshala"
case ":$PATH:" in
    *":$to/bin:"*) ;;
    *) echo "$to/bin is not on your PATH. Add this line to your shell's start file: export PATH=\"$to/bin:\$PATH\"" ;;
esac
