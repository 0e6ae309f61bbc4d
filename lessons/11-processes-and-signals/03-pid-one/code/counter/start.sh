#!/bin/sh
echo "today: 12139 Sewagram Express"
/counter.sh
