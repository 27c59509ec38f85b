"""One printed PDF at a time in a process: reportlab's fonts are shared, and cutting one to its letters is not thread-safe."""

from threading import Lock

PRINTING = Lock()  # two reports printed at once by threads of the web process failed, or mixed up their letters
