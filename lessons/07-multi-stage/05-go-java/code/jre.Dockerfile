FROM eclipse-temurin:21-jdk AS build
WORKDIR /src
COPY . .
RUN javac -d classes Board.java
RUN jar --create --file /board.jar --main-class Board -C classes .

FROM eclipse-temurin:21-jre
COPY --from=build /board.jar /app/board.jar
USER 10001:10001
CMD ["java", "-jar", "/app/board.jar"]
