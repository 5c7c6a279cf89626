"""Servers as students write them, and some that are worse: students.py KIND PORT ROOT.

Each is a fixture of tests/students.rs, which says what `check` is to make of it.
"""

import os
import signal
import socket
import sys
import time

KIND, PORT, ROOT = sys.argv[1], int(sys.argv[2]), sys.argv[3]
OK = b"HTTP/1.1 200 OK\r\n"


def listen(address="127.0.0.1", family=socket.AF_INET, port=PORT):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(64)
    return listener


def page(request):
    """The file that a request asks for, as the first server of a tutorial finds it."""
    try:
        path = request.split()[1].decode()
        with open(ROOT + path + ("index.html" if path.endswith("/") else ""), "rb") as file:
            return OK + b"\r\n" + file.read()
    except (IndexError, OSError, ValueError):
        return b"HTTP/1.1 404 Not Found\r\n\r\nnot found"


def serve(answer, listener=None, read=True):
    listener = listener or listen()
    while True:
        client, _ = listener.accept()
        try:
            answer(client, client.recv(1024) if read else b"")
        except OSError:
            pass
        client.close()


def naive(client, request):
    client.sendall(page(request))


def with_method_check(client, request):
    bad = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n\r\n"
    client.sendall(page(request) if request.startswith(b"GET ") else bad)


def bare_lf(client, request):
    client.sendall(b"HTTP/1.1 200 OK\n\nHello, World!\n")


def hard_coded(client, request):
    client.sendall(OK + b"\r\n<!DOCTYPE html>\n<title>The site of the suite</title>\n")


def leaks(client, request):
    os.dup(0)
    client.sendall(page(request))


def endless_body(client, request):
    client.sendall(OK + b"\r\n" + b"x" * 100)
    if not request.startswith(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        while True:
            client.sendall(b"x" * 1_000_000)


def endless_fields(client, request):
    client.sendall(OK)
    number = 0
    while not request.startswith(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        number += 1
        client.sendall(b"X-%d: x\r\n" % number)
        time.sleep(0.5)
    client.sendall(b"\r\n")


def dies(client, request):
    dies.requests += 1
    if dies.requests == 3:
        print("this is the third request", file=sys.stderr, flush=True)
        os.kill(os.getpid(), signal.SIGSEGV)
    client.sendall(page(request))


dies.requests = 0


def daemonise():
    """Twice forked, in a session of its own: nobody's child any more."""
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)


def child():
    """A process that stays, in a session of its own, and tells nobody."""
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)


def talk(piece):
    """Output that never ends, beside the server."""
    if os.fork() == 0:
        while True:
            os.write(1, piece)


if KIND == "starts-once":
    # The mark stands beside the root, which lasts as long as the run.
    try:
        os.close(os.open(os.path.join(os.path.dirname(ROOT), "started"), os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        sys.exit("I have been started before")
    serve(naive)
elif KIND == "naive":
    serve(naive)
elif KIND == "with-method-check":
    serve(with_method_check)
elif KIND == "bare-lf":
    serve(bare_lf)
elif KIND == "hard-coded":
    serve(hard_coded)
elif KIND == "leaks":
    serve(leaks)
elif KIND == "endless-body":
    serve(endless_body)
elif KIND == "endless-fields":
    serve(endless_fields)
elif KIND == "endless-output":
    talk(b"x" * 65536)
    serve(naive)
elif KIND == "latin-1":
    for _ in range(1000):
        os.write(1, b"gr\xfc\xdfe\xff\n" * 100)
        os.write(2, b"caf\xe9\x00\n" * 100)
    serve(naive)
elif KIND == "slow-starter":
    time.sleep(2)
    serve(naive)
elif KIND == "daemon":
    daemonise()
    serve(naive)
elif KIND == "dies":
    serve(dies)
elif KIND == "ipv6-only":
    serve(naive, listen("::1", socket.AF_INET6))
elif KIND == "other-port":
    serve(naive, listen(port=0))
elif KIND == "leaves-children":
    child()
    serve(naive)
elif KIND == "reads-nothing":
    serve(lambda client, _: client.sendall(page(b"GET / ")), read=False)
elif KIND == "says-nothing":
    serve(lambda client, _: time.sleep(1000))
elif KIND == "ignores-sigterm":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(naive)
elif KIND == "prints-nothing":
    os.close(1)
    os.close(2)
    serve(naive)
elif KIND == "kills-its-group":
    # What ends its children by a signal to all ends its neighbours too, if they are in its group.
    signal.signal(signal.SIGTERM, lambda *_: (signal.signal(signal.SIGTERM, signal.SIG_DFL), os.kill(0, signal.SIGTERM)))
    serve(naive)
else:
    sys.exit("there is no such kind: " + KIND)
