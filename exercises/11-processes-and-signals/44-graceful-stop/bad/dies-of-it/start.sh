#!/bin/sh
/app/counter.sh &
trap 'exit 143' TERM
wait $!
