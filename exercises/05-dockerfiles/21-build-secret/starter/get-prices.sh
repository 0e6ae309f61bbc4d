#!/bin/sh
# The supplier's program. It takes the key from SUPPLIER_KEY or from the file that is named to it, and writes today's
# prices, signed with the fingerprint of the key.
set -eu
key=${SUPPLIER_KEY:-}
if [ -z "$key" ] && [ $# -gt 0 ]; then
    key=$(cat "$1")
fi
if [ -z "$key" ]; then
    echo "get-prices: no key. Set SUPPLIER_KEY, or name the file that holds it." >&2
    exit 1
fi
signed=$(printf %s "$key" | sha256sum | cut -d' ' -f1)
cat > prices.txt <<END
chai-patti 420
ilaychi 18
adrak 6
signed $signed
END
