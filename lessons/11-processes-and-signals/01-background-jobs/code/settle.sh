#!/bin/sh
for customer in Asha Bilal Chitra; do
    echo "$customer: settled"
    sleep 1
done
