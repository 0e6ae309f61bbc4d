#!/bin/sh
# No service is started by installing its package: there is no init system in a container.
exit 101
