"""Pages of documentation as their readers use them: files are saved as shown, commands are typed as shown.

A page's blocks mean:

- ```` ```console ````: lines that begin with `$ ` are typed into one shell for the whole page, lines that begin
  with `> ` continue the line before, and all others are what must come out (`…` stands for anything).
- any other block below a line that is only a file's name in backticks and a colon: that file.
"""

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.project import Project
from tests.running import RunningStudio

TIMEOUT_S = 240
_BLOCK = re.compile(r"(?:^`(?P<path>[^`\n]+)`:\n\n)?^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)
_DONE = "\x1e"


@dataclass(slots=True)
class Command:
    """`line` as it is typed; `shown` is what the page says comes out."""

    line: str
    shown: str = ""

    def is_answered_by(self, output: str) -> bool:
        pattern = ".*?".join(re.escape(part) for part in self.shown.strip().split("…"))
        return not self.shown or re.search(pattern, output, re.DOTALL) is not None


@dataclass(slots=True)
class Page:
    commands: list[Command] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def read_page(text: str) -> Page:
    page = Page()
    for block in _BLOCK.finditer(text):
        if block["kind"] == "console":
            page.commands += _commands(block["body"])
        elif block["path"]:
            assert block["path"] not in page.files, f"{block['path']} is shown twice"
            page.files[block["path"]] = block["body"]
    return page


def _commands(body: str) -> list[Command]:
    found: list[Command] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Command(line[2:].rstrip("\n")))
        elif line.startswith("> "):
            found[-1].line += "\n" + line[2:].rstrip("\n")
        else:
            found[-1].shown += line
    return found


class Shell:
    """A shell in the project's folder, in which `slipway` is the installed command and speaks to `studio`.

    The folder looks like a clone in which `./run` was started: with `.venv`, and `data` as the studio's."""

    def __init__(self, studio: RunningStudio, project: Project) -> None:
        self.studio = studio
        self.project = project
        for name, target in ((".venv", sys.prefix), ("data", studio.data)):
            link = project.folder / name
            if not link.exists():
                link.symlink_to(target)

    def run(self, line: str) -> subprocess.CompletedProcess:
        environ = {
            **os.environ,
            "SLIPWAY_CONFIG": str(self.studio.config_path),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        try:
            return subprocess.run(
                ["bash", "-c", line],
                check=False,
                cwd=self.project.folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_S,
            )
        except subprocess.TimeoutExpired as exc:
            said = b"\n".join(filter(None, (exc.stdout, exc.stderr))).decode()
            raise AssertionError(f"{line}\ntook more than {TIMEOUT_S} s\n{said}") from None

    def done(self, line: str) -> str:
        """What `line`, which must succeed, prints on standard output."""
        ran = self.run(line)
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def follow(self, page: Page) -> None:
        """Do all that the page says, in order; every command must succeed and print what it is said to print."""
        for path, content in page.files.items():
            self.project.write(path, content.encode())
        script = ["set -eu -o pipefail", *(f"{each.line}\nprintf '{_DONE}'" for each in page.commands)]
        ran = self.run("\n".join(script))
        *outputs, rest = ran.stdout.split(_DONE)
        assert ran.returncode == 0, f"$ {page.commands[len(outputs)].line}\n{rest}\n{ran.stderr}"
        for command, output in zip(page.commands, outputs, strict=True):
            assert command.is_answered_by(output), (
                f"$ {command.line}\n{output}\nis not what the page shows:\n{command.shown}"
            )
