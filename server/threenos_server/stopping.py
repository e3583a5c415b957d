"""How a process learns that it shall end, and how one ends that nobody is left to tell.

A signal's Python handler runs in the main thread, between two of its steps: one that sets an `Event` can meet the lock
which that thread holds just then, and one whose signal the kernel gave to another thread waits until the main thread
does anything at all. Both hung a process once in twenty. So the handler does nothing: the number of the signal goes
through a socket, as C code writes it, to a thread that waits for it.
"""

import ctypes
import os
import signal
import socket
import sys
from threading import Event, Thread

_PR_SET_PDEATHSIG = 1
#: Before any fork: a child of a process with threads had better load nothing.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def stop_on_signal() -> Event:
    """The event that SIGTERM or SIGINT sets. To be called once, in the main thread."""
    stop = Event()
    ends, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    Thread(target=_wait, args=(ends, wakes, stop), name="stopping", daemon=True).start()
    return stop


def end_with_parent(parent: int, by: signal.Signals) -> None:
    """Have the kernel end this process, by that signal, when `parent` ends in whatever way. To be called right after
    the fork, in the child. Nothing on systems other than Linux, which cannot do it.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:  # It was faster.
            os._exit(1)


def _wait(ends: socket.socket, _wakes: socket.socket, stop: Event) -> None:
    """For as long as the process lives, since a second signal needs both ends as well."""
    while ends.recv(1):
        stop.set()
