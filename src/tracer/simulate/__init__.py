"""Invented cases whose truth is known: for training, tests and benchmarks."""

from tracer.simulate.check import check
from tracer.simulate.training import Simulation, write

__all__ = ["Simulation", "check", "write"]
