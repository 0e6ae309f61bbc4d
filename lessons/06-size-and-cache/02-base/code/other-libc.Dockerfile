FROM buildpack-deps:trixie AS build
COPY token.c .
RUN gcc -o /token token.c

FROM scratch
COPY --from=build /token /token
CMD ["/token"]
