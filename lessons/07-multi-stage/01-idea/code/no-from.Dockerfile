FROM golang:1.26 AS builder
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/chai-menu .

FROM scratch
COPY /bin/chai-menu /chai-menu
CMD ["/chai-menu"]
