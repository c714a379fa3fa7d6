"""`python -m oms.cli`: the same as `oms`, for where the script is not on the path."""

from oms.cli import main

main()
