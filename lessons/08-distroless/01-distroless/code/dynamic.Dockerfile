FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN go build -o /who .

FROM gcr.io/distroless/static-debian13:nonroot AS on-static
COPY --from=build /who /who
CMD ["/who"]

FROM gcr.io/distroless/base-debian13:nonroot AS on-base
COPY --from=build /who /who
CMD ["/who"]
