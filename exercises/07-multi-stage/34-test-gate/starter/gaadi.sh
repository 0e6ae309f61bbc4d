# gaadi.sh FROM TO: what a ticket costs.
. ./fares.sh
case "$1-$2" in
    CSMT-PUNE) km=192 ;;
    CSMT-NDLS) km=1384 ;;
    *) echo "no train from $1 to $2" >&2; exit 1 ;;
esac
echo "$1 to $2: Rs $(fare "$km")"
