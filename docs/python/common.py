"""What the servers beside this file share: the answer, and the port from the command line."""
import sys

PAGE = "<h1>世界，你好</h1>".encode()
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n"
ANSWER = HEAD.format(len(PAGE)).encode() + PAGE


def port():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0].rpartition('/')[2]} PORT")
    if not sys.argv[1].isdecimal() or int(sys.argv[1]) > 65535:
        sys.exit(f"{sys.argv[1]!r} is no port: a number from 0 to 65535 is")
    return int(sys.argv[1])
