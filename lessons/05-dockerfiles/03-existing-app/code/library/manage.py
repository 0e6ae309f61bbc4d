"""runserver: for development, on 127.0.0.1 unless told otherwise."""
import sys
from wsgiref.simple_server import make_server

from library.wsgi import application

host, _, port = (sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:8000").rpartition(":")
print(f"Development server at http://{host}:{port}/. Do not use it in production.", flush=True)
make_server(host, int(port), application).serve_forever()
