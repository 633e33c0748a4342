"""How long `tools/train.py --help` takes: python benchmarks/startup.py"""

import subprocess
import sys
import time

if __name__ == "__main__":
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "tools/train.py", "--help"], check=True, capture_output=True)
        print(f"tools/train.py --help: {time.perf_counter() - start:.3f} s")
