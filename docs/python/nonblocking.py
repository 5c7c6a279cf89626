"""Lesson 05 in Python: one thread, sockets that don't block, a list of clients."""
import socket
import time

from common import ANSWER, port


class Client:
    def __init__(self, connection):
        connection.setblocking(False)
        self.connection = connection
        self.inbox = b""  # what has come so far
        self.outbox = None  # what has not gone yet, once there is an answer

    def advance(self):
        """One step that doesn't wait: "moved", "waiting" or "ended"."""
        try:
            if self.outbox is None:
                data = self.connection.recv(4096)
                if not data:
                    return "ended"
                self.inbox += data
                if b"\r\n\r\n" in self.inbox:
                    self.outbox = ANSWER
            else:
                sent = self.connection.send(self.outbox)
                self.outbox = self.outbox[sent:]  # send may take less than all
                if not self.outbox:
                    return "ended"
            return "moved"
        except BlockingIOError:
            return "waiting"
        except ConnectionError:
            return "ended"


def main():
    listener = socket.create_server(("127.0.0.1", port()), backlog=128)
    listener.setblocking(False)
    clients = []
    while True:
        turns = []
        try:
            clients.append(Client(listener.accept()[0]))
            turns.append("moved")
        except BlockingIOError:
            pass
        for client in list(clients):  # a copy is walked, so that one can be taken out meanwhile
            turns.append(client.advance())
            if turns[-1] == "ended":
                client.connection.close()
                clients.remove(client)
        if "moved" not in turns:
            time.sleep(0.001)


if __name__ == "__main__":
    main()
