# Each line below: kilometres, and the fare that is right.
cd "$(dirname "$0")/.." || exit 1
. ./fares.sh
failed=0
while read -r km want; do
    got=$(fare "$km")
    if [ "$got" = "$want" ]; then
        echo "ok    $km km: Rs $got"
    else
        echo "WRONG $km km: Rs $got, not Rs $want"
        failed=1
    fi
done <<END
10 15
192 77
1384 554
END
exit "$failed"
