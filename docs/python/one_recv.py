"""A server that takes the first recv for a request, and prints what that gave."""
import socket

from common import port

listener = socket.create_server(("127.0.0.1", port()))
print("listening")
while True:
    connection, _ = listener.accept()
    print(connection.recv(1024))
    connection.close()
