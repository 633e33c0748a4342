"""What is freed stays with the process, counted in page faults."""

import os
import subprocess
import sys

import pytest

# Pages of 4 KiB that the process was given while it filled 100 MiB for the second time.
SECOND_BLOCK = """
import resource
from mdetools.engine.allocator import keep_freed_memory
print({set_up})
for _ in range(2):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    b"x" * (100 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = 100 * 2**20 // 4096

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator is Linux's")


def second_block(set_up, **environment):
    """What `set_up` gave, and the pages."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    command = [sys.executable, "-c", SECOND_BLOCK.format(set_up=set_up)]
    answer = subprocess.run(command, env=clean | environment, capture_output=True, text=True, check=True)
    given, pages = answer.stdout.split()
    return given, int(pages)


def test_freed_memory_is_used_again():
    assert second_block("None")[1] > 0.9 * PAGES
    given, pages = second_block("keep_freed_memory()")
    assert given == "True"
    assert pages < 0.1 * PAGES


def test_the_environment_has_the_last_word():
    given, pages = second_block("keep_freed_memory()", MALLOC_TRIM_THRESHOLD_="1000000")
    assert given == "False"
    assert pages > 0.9 * PAGES
