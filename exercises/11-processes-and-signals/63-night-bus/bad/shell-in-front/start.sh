#!/bin/sh
echo "night buses of tonight"
python3 tracker.py
