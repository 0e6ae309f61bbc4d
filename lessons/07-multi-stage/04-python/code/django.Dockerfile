FROM python:3.13 AS build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements.txt /build/
RUN --mount=type=cache,target=/root/.cache/pip pip install -r /build/requirements.txt
WORKDIR /app
COPY . .
RUN SECRET_KEY=only-for-collectstatic python manage.py collectstatic --no-input

FROM python:3.13-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 app
ENV PATH="/opt/venv/bin:$PATH" PYTHONUNBUFFERED=1
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER app
EXPOSE 8000
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--workers", "2", "shop.wsgi"]
