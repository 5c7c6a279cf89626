"""Asks somebody else before it serves anything, and says what came of it. 192.0.2.1 is nobody (RFC 5737)."""

import socket
import sys

try:
    socket.create_connection(("192.0.2.1", 80), timeout=1)
except OSError as error:
    sys.exit(f"no network: {error}")
