FROM eclipse-temurin:21-jdk
WORKDIR /app
COPY . .
RUN javac -d classes Board.java
RUN jar --create --file board.jar --main-class Board -C classes .
CMD ["java", "-jar", "board.jar"]
