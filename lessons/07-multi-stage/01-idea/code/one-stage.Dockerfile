FROM golang:1.26
WORKDIR /src
COPY . .
RUN CGO_ENABLED=0 go build -o /bin/chai-menu .
CMD ["/bin/chai-menu"]
