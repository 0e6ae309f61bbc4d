FROM busybox:1.37
COPY ../workdir.sh /
