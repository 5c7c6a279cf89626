"""A server of static files, one thread for each client: what lesson 04 asks for, as far as the test looks."""

import os
import socket
import sys
import threading

PORT, ROOT = int(sys.argv[1]), os.path.realpath(sys.argv[2])


def answer(status, body=b"", fields=b""):
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n%s\r\n"
    return head % (status, len(body), fields) + body


def page(request):
    line, _, _ = request.partition(b"\r\n")
    words = line.split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1.") or not words[1].startswith(b"/"):
        return answer(b"400 Bad Request")
    if words[0] != b"GET":
        return answer(b"405 Method Not Allowed", fields=b"Allow: GET\r\n")
    path = os.path.realpath(ROOT + words[1].decode("latin-1"))
    if not path.startswith(ROOT):
        return answer(b"404 Not Found")
    if os.path.isdir(path):
        if not words[1].endswith(b"/"):
            return answer(b"301 Moved Permanently", fields=b"Location: %s/\r\n" % words[1])
        path += "/index.html"
    try:
        with open(path, "rb") as file:
            return answer(b"200 OK", file.read())
    except OSError:
        return answer(b"404 Not Found")


def serve(client):
    with client:
        client.settimeout(10)
        request = b""
        try:
            while b"\r\n\r\n" not in request:
                piece = client.recv(4096)
                if not piece:
                    return
                request += piece
            client.sendall(page(request))
        except OSError:
            pass


listener = socket.create_server(("127.0.0.1", PORT), backlog=128)
while True:
    client, _ = listener.accept()
    threading.Thread(target=serve, args=(client,), daemon=True).start()
