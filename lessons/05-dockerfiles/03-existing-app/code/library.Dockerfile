FROM python:3.13-slim
WORKDIR /app
COPY requirements.txt ./
COPY vendor ./vendor
RUN pip install --no-cache-dir --no-index --find-links vendor -r requirements.txt
COPY manage.py ./
COPY library ./library
ENV PYTHONUNBUFFERED=1 MAX_LOANS=2
USER 10001:10001
EXPOSE 8000
CMD ["chakki", "0.0.0.0:8000", "library.wsgi"]
