FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /sweets .

FROM scratch
COPY --from=build /sweets /sweets
CMD ["/sweets"]
