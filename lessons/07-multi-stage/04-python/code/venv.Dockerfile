FROM python:3.13 AS build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements.txt /build/
RUN --mount=type=bind,source=vendor,target=/vendor \
    pip install --no-cache-dir --find-links /vendor -r /build/requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 app
ENV PATH="/opt/venv/bin:$PATH" PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY app.py ./
USER app
CMD ["python", "app.py"]
