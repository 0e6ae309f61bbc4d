#!/bin/sh
# What runs in the image tatkal-board:1.
if [ -z "$STATION" ]; then
    echo "board: STATION is not set" >&2
    exit 1
fi
case "$PLATFORMS" in
    '' | *[!0-9]*)
        echo "board: PLATFORMS must be a number, not '$PLATFORMS'" >&2
        exit 1
        ;;
esac
echo "board: $STATION, $PLATFORMS platforms"
