"""Lesson 03 in Python: a process for each client, and the server is an object."""
import multiprocessing
import socket

from common import ANSWER, port

fork = multiprocessing.get_context("fork")


class Server:
    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=128)

    def serve_forever(self):
        while True:
            connection, _ = self.listener.accept()
            # start() also waits for children that have ended, so none of them stays a zombie for long.
            fork.Process(target=self.handle_request, args=(connection,)).start()
            connection.close()  # the child has a copy; while ours is open, the client sees no end

    def handle_request(self, connection):
        self.listener.close()
        with connection:
            inbox = b""
            while b"\r\n\r\n" not in inbox:  # one recv is not one request
                data = connection.recv(4096)
                if not data:
                    return
                inbox += data
            connection.sendall(ANSWER)


if __name__ == "__main__":
    Server(port()).serve_forever()
