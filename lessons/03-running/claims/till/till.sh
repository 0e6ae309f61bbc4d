#!/bin/sh
echo "till open"
echo "paper jam" >&2
exit 3
