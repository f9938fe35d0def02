"""Scripts that take minutes to hours; docs/reliability.md has what they say.

Each prints its figures and exits with 1 if one of them is not as promised:

    python -m tests.long.interruptions --kills 50 --inside 50 --signals 50
"""
