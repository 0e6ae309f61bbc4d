#!/bin/sh
echo "today: 12139 Sewagram Express"
exec /counter.sh
