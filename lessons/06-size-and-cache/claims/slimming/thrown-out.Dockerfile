FROM debian:trixie-slim
RUN rm -rf /usr/share /var/lib/dpkg /var/cache
