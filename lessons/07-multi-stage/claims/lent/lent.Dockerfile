FROM busybox:1.37 AS build
RUN mkdir /wheels && head -c 20000000 /dev/urandom > /wheels/paisa.whl

FROM busybox:1.37
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    test -s /wheels/paisa.whl && echo "installed" > /paisa
