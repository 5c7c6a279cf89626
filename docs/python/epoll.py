"""Lesson 07 in Python: the kernel says who is ready."""
import select
import socket

from common import port
from nonblocking import Client

EDGES = select.EPOLLIN | select.EPOLLOUT | select.EPOLLET


def main():
    listener = socket.create_server(("127.0.0.1", port()), backlog=128)
    listener.setblocking(False)
    poller = select.epoll()
    poller.register(listener, select.EPOLLIN)  # by level: told again while somebody waits
    clients = {}
    while True:
        for descriptor, events in poller.poll():  # sleeps until something happens
            if descriptor == listener.fileno():
                try:
                    client = Client(listener.accept()[0])
                except OSError:  # gone again, or no descriptor is left
                    continue
                clients[client.connection.fileno()] = client
                poller.register(client.connection, EDGES)  # by edge: told once
                continue
            # Whatever the events are, reading and writing tell what they mean. Told once, so until it would block.
            client = clients[descriptor]
            while (turn := client.advance()) == "moved":
                pass
            if turn == "ended":
                del clients[descriptor]
                client.connection.close()  # and so epoll forgets it


if __name__ == "__main__":
    main()
