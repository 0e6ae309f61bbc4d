#!/bin/sh
# The tests of rate.sh, which lies one folder above.
shop=$(dirname "$0")/..
fail() { echo "failed: $1" >&2; exit 1; }
[ "$(sh "$shop/rate.sh" Basmati)" = "Basmati: Rs 92 a kg" ] || fail "Basmati"
[ "$(sh "$shop/rate.sh" "Toor dal")" = "Toor dal: Rs 148 a kg" ] || fail "a name with a gap"
if sh "$shop/rate.sh" Kesar 2>/dev/null; then fail "what the shop has not"; fi
echo "3 tests passed"
