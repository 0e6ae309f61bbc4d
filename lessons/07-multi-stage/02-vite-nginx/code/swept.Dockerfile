FROM nginx:1
WORKDIR /usr/share/nginx/html
RUN rm -rf ./*
COPY public .
