"""What depth is good for: the experiments of docs/downstream.md."""
