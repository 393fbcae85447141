"""Follow stolen money: statements in, a trace that a court can check out."""

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
