"""Become a program that the kernel signals when our parent dies: `dying.py PARENT SIGNAL PROGRAM ...`.

A step of its own and not a `preexec_fn`: Python code between fork and exec of a process with threads may wait
for ever for a lock that one of those threads held, and its parent takes it for a program that runs.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, stop_with: int, program: list[str]) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop_with)
    if os.getppid() != parent:  # it died before we could ask to be told
        os.kill(os.getpid(), signal.SIGKILL)
    os.execvp(program[0], program)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
