"""The error of the stack, with a message for the person who started it."""


class StackError(Exception):
    """The stack cannot run the command. The message has the reason and what to do, one line per reason."""
