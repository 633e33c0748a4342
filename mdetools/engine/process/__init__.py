"""The process of a tool: command line, process group, checks before its work."""
