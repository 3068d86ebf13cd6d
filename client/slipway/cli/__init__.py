"""The `slipway` command. Modules that speak HTTP are imported only by the commands that need them."""

import sys
from collections.abc import Sequence

import click

from slipway.cli import report
from slipway.cli.root import root
from slipway.errors import SlipwayError


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 it failed, 2 it was asked for wrongly, 130 interrupted."""
    try:
        code = root.main(args=arguments, prog_name="slipway", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except SlipwayError as exc:
        report.failure(exc)
        return 1
    except click.UsageError as exc:
        report.usage(exc)
        return 2
    except click.ClickException as exc:
        report.line(f"ERROR: {exc.format_message()}")
        return 1
    except click.Abort:
        return 130
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; without this Python complains once more at exit.
        sys.stdout = None
        return 0
