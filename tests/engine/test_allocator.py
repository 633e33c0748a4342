"""What is freed stays with the process, but not across a fork."""

import os
import subprocess
import sys

import pytest

# Resident MiB beyond the start's: with a block of 100 MiB, after it was freed, and after a fork.
RESIDENT = """
import os
from mdetools.engine.allocator import keep_freed_memory

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

print({set_up})
start = resident()
block = b"x" * (100 * 2**20)
print(resident() - start)
del block
print(resident() - start)
if os.fork():
    os.wait()
    print(resident() - start)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")


def resident(set_up, **environment):
    """What `set_up` gave, and the three sizes."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", RESIDENT.format(set_up=set_up)]
    answer = subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True)
    given, *sizes = answer.stdout.split()
    return given, pytest.approx([float(size) for size in sizes], abs=5)


def test_freed_memory_stays_until_a_fork():
    assert resident("None") == ("None", [100, 0, 0])
    assert resident("keep_freed_memory()") == ("True", [100, 100, 0])


def test_the_environment_has_the_last_word():
    assert resident("keep_freed_memory()", MALLOC_TRIM_THRESHOLD_="1000000") == ("False", [100, 0, 0])
