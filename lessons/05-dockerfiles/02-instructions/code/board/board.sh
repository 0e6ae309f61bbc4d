#!/bin/sh
echo "Board of $STATION, language $BOARD_LANG"
sort data/trains.txt
