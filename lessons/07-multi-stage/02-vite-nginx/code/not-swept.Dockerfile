FROM nginx:1
WORKDIR /usr/share/nginx/html
COPY public .
