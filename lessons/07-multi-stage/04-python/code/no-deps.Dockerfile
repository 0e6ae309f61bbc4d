FROM python:3.13 AS build
WORKDIR /build
COPY requirements.txt ./
COPY vendor /vendor
RUN pip wheel --no-deps --wheel-dir /wheels --find-links /vendor -r requirements.txt

FROM python:3.13-slim
COPY requirements.txt ./
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels -r requirements.txt
