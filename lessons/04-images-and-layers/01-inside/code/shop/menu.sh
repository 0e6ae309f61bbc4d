#!/bin/sh
echo "Board of ${SHOP}"
cat menu.txt
