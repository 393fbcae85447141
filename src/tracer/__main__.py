"""Run the command line by ``python -m tracer``."""

from tracer.cli import app

if __name__ == "__main__":
    app(prog_name="tracer")
