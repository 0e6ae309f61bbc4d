FROM python:3.13 AS build
COPY requirements.txt ./
COPY vendor /vendor
RUN pip install --user --no-cache-dir --find-links /vendor -r requirements.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 app
COPY --from=build /root/.local /root/.local
COPY app.py ./
USER app
CMD ["python", "app.py"]
