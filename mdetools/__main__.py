"""`python -m mdetools COMMAND`, and `torchrun -m mdetools train CONFIG`."""

from mdetools.commands import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
