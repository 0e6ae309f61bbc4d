FROM busybox:1.37 AS build
RUN mkdir /wheels && head -c 20000000 /dev/urandom > /wheels/paisa.whl

FROM busybox:1.37
COPY --from=build /wheels /wheels
RUN echo "installed" > /paisa && rm -rf /wheels
