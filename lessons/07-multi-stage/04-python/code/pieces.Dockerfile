FROM python:3.13 AS build
WORKDIR /app
COPY requirements.txt ./
COPY vendor /vendor
RUN pip install --no-cache-dir --find-links /vendor -r requirements.txt

FROM python:3.13-slim
WORKDIR /app
COPY --from=build /usr/local/lib/python3.13/site-packages /usr/local/lib/python3.13/site-packages
COPY app.py ./
CMD ["kirana-serve"]
