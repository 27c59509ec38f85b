"""Children of the stack never outlive who started them."""

import os
import subprocess
import sys
from functools import partial

import psutil
import pytest

from tests.stack import alive, until
from workers.processes import die_with_parent

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked through prctl, which Linux has")
SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


def test_a_child_whose_parent_was_gone_before_it_asked_never_starts() -> None:
    child = subprocess.Popen(SLEEPER, preexec_fn=partial(die_with_parent, os.getpid() + 1))
    assert child.wait(20) == 1


def test_a_child_ends_with_its_parent() -> None:
    program = (
        "import os, subprocess; from functools import partial; from workers.processes import die_with_parent;"
        f"print(subprocess.Popen({SLEEPER!r}, preexec_fn=partial(die_with_parent, os.getpid())).pid, flush=True);"
        "import time; time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert parent.stdout
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.wait()
    until(lambda: not alive(child), 10)
