FROM buildpack-deps:trixie AS build
COPY token.c .
RUN gcc -o /token token.c

FROM busybox:1.37
COPY --from=build /token /token
CMD ["/token"]
