#!/bin/sh
echo "12139 Sewagram Express  Nagpur 07:15"
echo "12290 Duronto           Nagpur 20:40"
exec /app/counter.sh
