FROM python:3.13
WORKDIR /app
COPY requirements.txt ./
COPY vendor /vendor
RUN pip install --no-cache-dir --find-links /vendor -r requirements.txt
COPY app.py ./
CMD ["python", "app.py"]
