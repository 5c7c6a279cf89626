"""Takes a MiB after the other, and does not listen."""

import time

taken = []
while True:
    taken.append(b"x" * 1024 * 1024)
    time.sleep(0.001)
