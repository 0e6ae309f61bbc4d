FROM debian:trixie-slim
RUN apt-get install -y build-tools
