FROM gcr.io/distroless/static-debian13
RUN echo "one more thing"
