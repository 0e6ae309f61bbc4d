FROM eclipse-temurin:21-jdk AS build
WORKDIR /src
COPY . .
RUN javac -d classes Board.java
RUN jar --create --file /board.jar --main-class Board -C classes .
# Ask the jar which modules it needs, and make a Java with those alone.
RUN jlink --add-modules "$(jdeps --print-module-deps /board.jar)" \
          --strip-debug --no-header-files --no-man-pages --output /java

FROM debian:trixie-slim
COPY --from=build /java /java
COPY --from=build /board.jar /app/board.jar
USER 10001:10001
CMD ["/java/bin/java", "-jar", "/app/board.jar"]
