#!/bin/sh
echo "Auto goes to: $1"
