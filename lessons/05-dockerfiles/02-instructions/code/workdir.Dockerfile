FROM busybox:1.37
RUN cd /tmp
RUN pwd > /after-cd
WORKDIR /app
WORKDIR data
RUN pwd > /after-workdir
CMD ["sh", "-c", "cat /after-cd /after-workdir; pwd"]
