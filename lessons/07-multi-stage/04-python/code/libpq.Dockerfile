FROM python:3.13 AS full
CMD ["python", "-c", "import ctypes; print(ctypes.CDLL('libpq.so.5').PQlibVersion())"]

FROM python:3.13-slim AS slim
CMD ["python", "-c", "import ctypes; print(ctypes.CDLL('libpq.so.5').PQlibVersion())"]
