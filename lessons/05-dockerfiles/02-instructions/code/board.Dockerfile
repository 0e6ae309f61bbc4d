ARG BUSYBOX=1.37
FROM busybox:${BUSYBOX}
ARG STATION=Pune
ENV STATION=${STATION} BOARD_LANG=en
WORKDIR /app
COPY board.sh ./
COPY data ./data
RUN sort -c data/trains.txt || echo "unsorted, board.sh sorts it"
EXPOSE 8000
CMD ["sh", "board.sh"]
