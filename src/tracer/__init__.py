"""Follow stolen money: statements in, a trace that a court can check out."""

from tracer.case import Case
from tracer.errors import TracerError
from tracer.money import fen, yuan
from tracer.statements.mapping import mapping
from tracer.tracing.follow import follow
from tracer.tracing.trace import Trace

__all__ = ["Case", "Trace", "TracerError", "fen", "follow", "mapping", "yuan"]
