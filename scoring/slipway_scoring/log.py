"""Log lines as Azure's server writes them: UTC time, one letter for the level, process, logger, message."""

import faulthandler
import logging
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

logger = logging.getLogger("slipway")

_OURS = str(Path(__file__).parent)


def configure() -> None:
    """Makes every line of the script, its libraries and the server appear at once."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")
    faulthandler.enable()
    formatter = logging.Formatter("%(asctime)s %(levelname).1s [%(process)d] %(name)s - %(message)s")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    # The root logger gets no handler: a script's own logging.basicConfig() would then do nothing.
    # The last resort shows its INFO lines all the same when it configures nothing.
    logging.getLogger().setLevel(logging.INFO)
    logging.lastResort = handler
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def traceback_text(error: BaseException) -> str:
    """The traceback from the first line of code that is not ours; whole when all of it is ours."""
    theirs = _first_foreign(error.__traceback__)
    return "".join(traceback.format_exception(type(error), error, theirs or error.__traceback__)).rstrip()


def _first_foreign(frames: TracebackType | None) -> TracebackType | None:
    while frames is not None:
        file = frames.tb_frame.f_code.co_filename
        if not file.startswith((_OURS, "<frozen importlib")):
            return frames
        frames = frames.tb_next
    return None
