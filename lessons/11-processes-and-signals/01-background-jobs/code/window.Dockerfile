FROM debian:trixie-slim
COPY window.bash /
ENTRYPOINT ["bash", "/window.bash"]
