from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Board(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(Path("trains.txt").read_bytes())


HTTPServer(("0.0.0.0", 8002), Board).serve_forever()
