FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /sweets .

FROM scratch
COPY --from=build /sweets /sweets
HEALTHCHECK --interval=1s --retries=1 CMD wget -qO- http://127.0.0.1:8080/
CMD ["/sweets"]
