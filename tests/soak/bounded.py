"""Read one file in a process of its own, and tell what it gave and what it took."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

_SCRIPT = """
import importlib.util, json, sys, time, types
from pathlib import Path
if sys.platform != "win32":
    import resource
    # Time is bounded as the processor counts it, because other tests run beside this one.
    resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]), int(sys.argv[2])))
if sys.platform == "linux":
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
# The package's own door opens all rooms, of which reading needs a few.
door = types.ModuleType("tracer")
door.__path__ = importlib.util.find_spec("tracer").submodule_search_locations
sys.modules["tracer"] = door
from tracer.statements.load import read
start = time.process_time()
reading = read(Path(sys.argv[1]), source=Path(sys.argv[1]).name)
told = {"seconds": time.process_time() - start, "gb": 0.0, "held": len(reading.entries)}
if sys.platform == "linux":
    # What getrusage tells begins with what the parent held.
    status = dict(line.split(":") for line in open("/proc/self/status", encoding="utf-8"))
    told["gb"] = int(status["VmHWM"].split()[0]) / 1024**2
elif sys.platform == "darwin":
    told["gb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**3
columns = ["format", "rows", "entries", "faults", "skipped", "note", "note_en"]
print(json.dumps(told | {"files": reading.files[columns].to_dict("records")}))
"""


@dataclass(frozen=True)
class Told:
    """What reading a file gave and took."""

    seconds: float
    """How long it kept a processor busy, without the start of the process."""
    gb: float
    """The most memory that the process held; 0 where the system does not say."""
    held: int
    """How many entries came out."""
    files: pd.DataFrame
    """The lines of the report."""

    @property
    def refused(self) -> bool:
        """Whether nothing of the file was read, and why is said in both languages."""
        sound = self.files["note"].ne("").all() and self.files["note_en"].ne("").all()
        return bool(len(self.files)) and bool(sound) and self.files["format"].eq("").all()

    @property
    def adds_up(self) -> bool:
        """Whether every row is an entry, a fault or skipped."""
        files = self.files
        odd = files["rows"] != files["entries"] + files["faults"] + files["skipped"]
        return bool(len(files)) and not odd.any() and self.held == files["entries"].sum()


def bounded(path: Path, seconds: int = 60) -> Told:
    """Read a file; a reader that dies or is not done in time is an error."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(path), str(seconds)],
        check=True, capture_output=True, encoding="utf-8", timeout=6 * seconds,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return Told(told["seconds"], told["gb"], told["held"], pd.DataFrame(told["files"]))
