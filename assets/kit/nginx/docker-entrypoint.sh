#!/bin/sh
# What the official image documents: scripts of /docker-entrypoint.d run before nginx starts, in the order of their names.
set -e
if [ "$1" = nginx ]; then
    for file in /docker-entrypoint.d/*.sh; do
        if [ -x "$file" ]; then echo "$0: Launching $file"; "$file"; fi
    done
fi
exec "$@"
