#!/bin/sh
# Says more than a code: what it prints is kept in `docker inspect`.
if [ -e /tmp/ready ]; then
    echo "milk in stock"
else
    echo "no milk"
    exit 1
fi
