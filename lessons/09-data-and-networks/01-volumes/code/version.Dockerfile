FROM busybox:1.37
ARG VERSION
WORKDIR /app
RUN echo "menu, version $VERSION" > menu.txt
CMD ["cat", "/app/menu.txt"]
