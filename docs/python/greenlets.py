"""Lesson 08 in Python: a greenlet for each client, with gevent (pip install gevent)."""
from gevent import monkey

monkey.patch_all()  # first of all: it puts gevent's functions into socket, time and others

import socket

import gevent

from common import ANSWER, port


def serve(connection):
    with connection:
        inbox = b""
        while b"\r\n\r\n" not in inbox:
            data = connection.recv(4096)  # it looks as if it blocked, and only this greenlet waits
            if not data:
                return
            inbox += data
        connection.sendall(ANSWER)


def main():
    listener = socket.create_server(("127.0.0.1", port()), backlog=128)
    while True:
        connection, _ = listener.accept()
        gevent.spawn(serve, connection)


if __name__ == "__main__":
    main()
