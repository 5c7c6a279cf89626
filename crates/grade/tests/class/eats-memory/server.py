"""Takes ever more memory, and does not listen."""

import time

taken = []
while True:
    taken.append(b"x" * 16 * 1024 * 1024)
    time.sleep(0.01)
