"""A web server in one file: python3 server.py PORT ROOT [TIMEOUT]"""

import socket
import sys

port = int(sys.argv[1])
root = sys.argv[2]  # the folder to serve, from lesson 02 on
timeout = float(sys.argv[3]) if len(sys.argv) > 3 else 10  # seconds


def answer(connection):
    """Serves one client. This is yours to write."""


listener = socket.socket()
listener.bind(("127.0.0.1", port))
listener.listen(100)
print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)

while True:
    connection, client = listener.accept()
    answer(connection)
    connection.close()
