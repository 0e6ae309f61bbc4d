FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt ./
COPY vendor /vendor
RUN pip install --no-cache-dir --find-links /vendor -r requirements.txt
