"""How a request is refused."""


class Refusal(Exception):
    """A request that cannot be carried out; the worker goes on.

    The kind is "request" (the message is malformed), "params" (a parameter is
    wrong), "matrix" (the rows are not what was promised) or "training" (they
    are, but nothing can be learnt from them). Messages hold names and counts,
    never values of rows.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
