FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /sweets .
RUN mkdir /house && mkdir -m 1777 /house/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/share/zoneinfo/Asia/Kolkata /usr/share/zoneinfo/Asia/
COPY --from=build /house /
COPY --from=build /sweets /sweets
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=3s CMD ["/sweets", "-check"]
CMD ["/sweets"]
