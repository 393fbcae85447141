"""Follow stolen money: statements in, a trace that a court can check out."""

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracer.case import Case
    from tracer.errors import TracerError
    from tracer.money import fen, yuan
    from tracer.statements.mapping import mapping
    from tracer.stores.duckdb import DuckStore
    from tracer.stores.parquet import ParquetStore
    from tracer.stores.spark import SparkStore
    from tracer.tracing.bounds import bounds
    from tracer.tracing.compare import compare
    from tracer.tracing.follow import follow
    from tracer.tracing.reach import Reach, reach
    from tracer.tracing.sources import sources
    from tracer.tracing.trace import Trace

__all__ = [
    "Case",
    "DuckStore",
    "ParquetStore",
    "Reach",
    "SparkStore",
    "Trace",
    "TracerError",
    "bounds",
    "compare",
    "fen",
    "follow",
    "mapping",
    "reach",
    "sources",
    "yuan",
]

# A process that only reads a file opens only that room, which is sooner done.
_ROOMS = {
    "Case": "case",
    "DuckStore": "stores.duckdb",
    "ParquetStore": "stores.parquet",
    "Reach": "tracing.reach",
    "SparkStore": "stores.spark",
    "Trace": "tracing.trace",
    "TracerError": "errors",
    "bounds": "tracing.bounds",
    "compare": "tracing.compare",
    "fen": "money",
    "follow": "tracing.follow",
    "mapping": "statements.mapping",
    "reach": "tracing.reach",
    "sources": "tracing.sources",
    "yuan": "money",
}


if not TYPE_CHECKING:
    # A checker that saw this would take every name for public.
    def __getattr__(name: str) -> object:
        """Fetch a public name from the room where it is, when it is first asked for (PEP 562)."""
        if name not in _ROOMS:
            msg = f"module 'tracer' has no attribute {name!r}"
            raise AttributeError(msg, name=name, obj=sys.modules[__name__])
        found = getattr(import_module(f"tracer.{_ROOMS[name]}"), name)
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Return the public names, for those who complete them with a key."""
    return sorted(__all__)
