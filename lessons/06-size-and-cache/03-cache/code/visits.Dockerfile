FROM busybox:1.37
ARG TODAY
RUN --mount=type=cache,id=dockshala-pantry,target=/pantry \
    echo "$TODAY" >> /pantry/visits; wc -l < /pantry/visits > /count
CMD ["sh", "-c", "echo visit $(cat /count); ls /pantry 2>&1"]
