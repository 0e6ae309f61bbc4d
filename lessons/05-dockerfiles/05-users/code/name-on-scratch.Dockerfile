FROM scratch
COPY --chown=till till.sh /
