"""The Python side of the page "Rust for Python programmers": `python3 idioms.py` runs all of it."""
import io
import socket
import tempfile
import threading

name, body, words, text = "index.html", b"<h1>hello</h1>", ["one", "", "three"], "8080"
data, busy, status, user = b"GET / HTTP/1.1\r\n\r\n", True, 204, "ada"

assert f"{name} has {len(body)} bytes" == "index.html has 14 bytes"

lengths = [len(word) for word in words if word]
assert lengths == [3, 5]

seen = []
for number, word in enumerate(words):
    seen.append((number, word))
assert seen[2] == (2, "three")

ages = {"ada": 36}
assert ages.get("bob", 0) == 0

count = {}
for word in words:
    count[word] = count.get(word, 0) + 1
assert count["one"] == 1

if user is not None:
    assert user == "ada"

port = int(text)
assert port == 8080

try:
    port = int("eighty")
except ValueError:
    port = 7890
assert port == 7890

with tempfile.NamedTemporaryFile() as file:
    file.write(body)

assert data[:4] == b"GET "
assert data[:4000] == data
assert len("世界") == 2
assert data.decode().startswith("GET")

first = [1, 2]
second = first
second.append(3)
assert first == [1, 2, 3]

assert ("on" if busy else "off") == "on"
assert status in (200, 204)

add = lambda x: x + 1
assert add(1) == 2


class Counter:
    def __init__(self, start):
        self.value = start

    def add(self):
        self.value += 1


counter = Counter(1)
counter.add()
assert counter.value == 2

listener = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(listener.getsockname())
connection, address = listener.accept()
connection.sendall(data)
assert client.recv(1024) == data

served = []
thread = threading.Thread(target=served.append, args=(connection,))
thread.start()
thread.join()
assert served == [connection]

lock, total = threading.Lock(), 0
with lock:
    total += 1
assert total == 1


def head(source):
    return source.read(4)


assert head(io.BytesIO(data)) == b"GET "
