# fare KM: the fare in whole rupees. 40 paise a kilometre, at least 15 rupees.
fare() {
    rupees=$((($1 * 40 + 50) / 100))
    if [ "$rupees" -lt 15 ]; then rupees=15; fi
    echo "$rupees"
}
