FROM busybox:1.37 AS frontend
RUN sleep 4 && echo "pages" > /pages

FROM busybox:1.37 AS backend
RUN sleep 7 && echo "server" > /server

FROM busybox:1.37 AS docs
RUN sleep 60 && echo "manual" > /manual

FROM busybox:1.37
COPY --from=frontend /pages /app/
COPY --from=backend /server /app/
CMD ["ls", "/app"]
