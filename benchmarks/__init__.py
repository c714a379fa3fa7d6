"""Speed and memory beside what the machine itself can do. `python -m benchmarks` runs all.

Absolute rates depend on the machine and on what else it does; compare figures of one run.
"""
