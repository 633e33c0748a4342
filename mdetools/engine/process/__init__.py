"""The processes of a tool: command line, launcher and failures, process group, checks before the work."""
