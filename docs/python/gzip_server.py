"""A server for the chapter on HTTP that compresses, and says how long an answer may be kept."""
import gzip
from http.server import BaseHTTPRequestHandler, HTTPServer

from common import port

PAGE = "".join(f"<li>line {n} of a page that compresses well</li>\n" for n in range(500)).encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(PAGE, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Cache-Control", "max-age=3600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing."""


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", port()), Handler).serve_forever()
