FROM golang:1.26 AS build
WORKDIR /src
COPY . .
RUN go build -o /clock .

FROM scratch
COPY --from=build /clock /clock
ENTRYPOINT ["/clock"]
