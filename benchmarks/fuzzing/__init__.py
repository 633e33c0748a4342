"""What benchmarks/fuzz.py is made of: targets, mutations, and the process that reads mutated files."""
