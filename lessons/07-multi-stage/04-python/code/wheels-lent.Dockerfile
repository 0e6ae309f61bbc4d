FROM python:3.13 AS build
WORKDIR /build
COPY requirements.txt ./
COPY vendor /vendor
RUN pip wheel --wheel-dir /wheels --find-links /vendor -r requirements.txt

FROM python:3.13-slim
WORKDIR /app
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    --mount=type=bind,source=requirements.txt,target=requirements.txt \
    pip install --no-cache-dir --no-index --find-links /wheels -r requirements.txt
COPY app.py ./
CMD ["python", "app.py"]
