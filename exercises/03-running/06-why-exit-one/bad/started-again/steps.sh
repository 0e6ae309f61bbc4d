#!/bin/sh
docker start -a tatkal-board
