FROM python:3.13 AS build
WORKDIR /build
COPY requirements.txt ./
COPY vendor /vendor
RUN pip wheel --wheel-dir /wheels --find-links /vendor -r requirements.txt

FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt ./
COPY --from=build /wheels /wheels
RUN pip install --no-cache-dir --no-index --find-links /wheels -r requirements.txt && rm -rf /wheels
COPY app.py ./
CMD ["python", "app.py"]
