#!/bin/sh
# The catalogue is rewritten every night, so it has to belong to the one who does it.
echo "catalogue of $(stat -c %u /shop/catalogue), mode $(stat -c %a /shop/catalogue): $(wc -c < /shop/catalogue) bytes"
