"""A fuzzer for untrusted input: `make hunt`, or `python -m tests.hunt --seconds 300 --seed 1`.

    forks.py      runs each input in its own process, forked from one that has imported everything
    mutate.py     mutations of valid bytes and values
    commands.py   whole commands: every option of every parser, with invalid values
    runs.py       damaged run folders, checkpoints, matches and records, with the commands that read them
    readers.py    parsers of files and replies: SGF, archives, images, YAML, JSON, GTP in both directions
    __main__.py   the schedule, the time limit and the report

An input is reported if it causes a traceback, a signal, a hang, excessive memory use, an undocumented exit status, or a
write outside the permitted folder. Every bug found has a regression test in test_found.py.
"""
