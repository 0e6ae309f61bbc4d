# Stage 1: the building site. Compiler, sources, dust.
FROM golang:1.26 AS builder
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/chai-menu .

# Stage 2: the home. Only what you carry in.
FROM scratch
COPY --from=builder /bin/chai-menu /chai-menu
CMD ["/chai-menu"]
