"""What can keep the stack from working, as sentences for the person who started it."""


class StackError(Exception):
    """The stack cannot do what was asked; the message says why and what to do, one line per reason."""
