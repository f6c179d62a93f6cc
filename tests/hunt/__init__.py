"""A hunt for what a stranger's input does: `make hunt`, or `python -m tests.hunt --seconds 300 --seed 1`.

    forks.py      each input in a process of its own, forked from one that has imported everything
    mutate.py     what is done to good bytes and good values
    commands.py   whole commands: every option of every parser, with values that no option should take
    runs.py       run folders, checkpoints, matches and records, damaged, with the commands that read them
    readers.py    what parses files and answers: SGF, archives, pictures, YAML, JSON, GTP both ways
    __main__.py   who is asked how often, the time, the report

An input is found guilty by a traceback, a signal, a hang, too much memory, an exit status other than those that are
promised, or a file outside of where it may write. What was found stands in test_found.py, each a test by its name.
"""
