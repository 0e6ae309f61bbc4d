FROM busybox:1.37 AS plans
RUN echo "floor plan" > /plan

FROM busybox:1.37
COPY --from=plans /plan /by-name
COPY --from=0     /plan /by-number
COPY --from=nginx:1 /etc/nginx/mime.types /from-an-image
CMD ["ls", "/"]
