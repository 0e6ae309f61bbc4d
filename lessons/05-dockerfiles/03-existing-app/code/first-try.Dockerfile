FROM python:3.13-slim
WORKDIR /app
COPY . .
RUN pip install --no-index --find-links vendor -r requirements.txt
CMD ["python", "manage.py", "runserver"]
