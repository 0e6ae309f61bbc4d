#!/bin/sh
# As the official image documents: an option, a word that is no command, and a file that cannot be executed are
# arguments for node; anything else is run as it is.
case ${1-} in
    -*) exec node "$@" ;;
esac
if ! command -v "${1-}" >/dev/null 2>&1 || { [ -f "$1" ] && [ ! -x "$1" ]; }; then
    exec node "$@"
fi
exec "$@"
