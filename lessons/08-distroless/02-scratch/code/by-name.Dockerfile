FROM busybox:1.37 AS build
RUN echo "jalebi" > /menu

FROM scratch
COPY --from=build --chown=app /menu /menu
CMD ["/menu"]
