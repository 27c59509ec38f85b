"""A person at a terminal: `digitise …` where it asks for a PIN."""

import os
import pty
import sys

from tests.stack import Stack


def at_terminal(arguments: list[str], stack: Stack, question: str, answer: str) -> str:
    """Run `digitise` on a terminal of its own, type `answer` after each `question`; return all that was shown."""
    child, terminal = pty.fork()
    if child == 0:
        environment = {**os.environ, **stack.environment, "DIGITISE_DATA": str(stack.data)}
        program = "from digitise.cli import main; main()"
        os.execve(sys.executable, [sys.executable, "-c", program, *arguments], environment)
    shown, answered = "", 0
    while True:
        try:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
        except OSError:  # the other end is closed
            break
        while answered < shown.count(question):
            os.write(terminal, f"{answer}\n".encode())
            answered += 1
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, shown
    return shown
