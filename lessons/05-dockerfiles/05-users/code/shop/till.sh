#!/bin/sh
echo "running as $(id -u)"
echo "sold: dal" >> sales.txt && echo "written to sales.txt"
