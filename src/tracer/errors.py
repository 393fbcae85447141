"""Every error that Tracer raises on purpose, each with a sentence for an investigator."""


class TracerError(Exception):
    """
    The base of all errors that Tracer raises on purpose.

    Parameters
    ----------
    message
        A whole sentence in English.
    zh
        The same sentence for an investigator, in Chinese.

    Examples
    --------
    >>> print(TracerError("The folder is empty.", zh="文件夹是空的。"))
    文件夹是空的。 (The folder is empty.)
    """

    def __init__(self, message: str, zh: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh or message

    def __str__(self) -> str:
        """Return the Chinese sentence with the English one behind it."""
        return self.message if self.zh == self.message else f"{self.zh} ({self.message})"


class CaseError(TracerError):
    """A case folder that cannot be created, opened or written."""


class FormatError(TracerError):
    """A format declaration that cannot be used."""


class SheetError(TracerError):
    """A file that cannot be read as tables of text."""

    code = ""
    """What the catalogue of reasons calls it."""


class TableError(TracerError):
    """A table without the columns, types or values that it must have."""


class MoneyError(TracerError):
    """An amount that is not a whole number of fen."""


class RuleError(TracerError):
    """A tracing rule that does not exist."""


class SeedError(TracerError):
    """A seed that is not a transfer of the ledger, or that no victim owns."""


class TraceError(TracerError):
    """A movement that a trace does not have, or traces that cannot be compared."""


class AccountError(TracerError):
    """An account that the ledger or the trace does not know."""


class DecisionError(TracerError):
    """A decision about rows or accounts that contradicts evidence or another decision."""
