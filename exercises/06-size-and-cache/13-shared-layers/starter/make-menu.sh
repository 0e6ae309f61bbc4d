#!/bin/sh
# Prints the menu of the whole chain of shops: 40,000 dishes, some 2 MB.
seq 1 40000 | sed 's/.*/& chai with a biscuit and a samosa, number &/'
