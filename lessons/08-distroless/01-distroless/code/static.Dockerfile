FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -o /who .

FROM gcr.io/distroless/static-debian13:nonroot
COPY --from=build /who /who
CMD ["/who"]
