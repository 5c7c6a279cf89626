"""Has Python's own server do the work, and hands over what it says."""

import socket
import subprocess
import sys
import threading
import time

PORT, ROOT = int(sys.argv[1]), sys.argv[2]
with socket.create_server(("127.0.0.1", 0)) as probe:
    HIDDEN = probe.getsockname()[1]
subprocess.Popen([sys.executable, "-m", "http.server", "-b", "127.0.0.1", "-d", ROOT, str(HIDDEN)])


def carry(source, target):
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def connect():
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", HIDDEN))
        except OSError:
            time.sleep(0.05)
    sys.exit(1)


connect().close()
listener = socket.create_server(("127.0.0.1", PORT), backlog=128)
while True:
    client, _ = listener.accept()
    server = connect()
    for source, target in ((client, server), (server, client)):
        threading.Thread(target=carry, args=(source, target), daemon=True).start()
