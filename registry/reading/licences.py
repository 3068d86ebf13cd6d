"""Licences among the files, named as SPDX names them where their words are those of a common one."""

import re

from registry.reading.files import FactFile
from registry.reading.texts import text_of

_NAMED = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[-_.].*)?", re.IGNORECASE)
_MOST_FILES = 20
_SPDX = re.compile(r"SPDX-License-Identifier:\s*([\w.+-]+(?: (?:AND|OR|WITH) [\w.+-]+)*)")
# Words that stand in one licence and in no other; the first that all are there is it.
_WORDS = (
    ("AGPL-3.0", ("gnu affero general public license", "version 3")),
    ("LGPL-3.0", ("gnu lesser general public license", "version 3")),
    ("LGPL-2.1", ("gnu lesser general public license", "version 2.1")),
    ("GPL-3.0", ("gnu general public license", "version 3")),
    ("GPL-2.0", ("gnu general public license", "version 2")),
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("MPL-2.0", ("mozilla public license", "2.0")),
    ("CC-BY-NC-SA-4.0", ("attribution-noncommercial-sharealike 4.0",)),
    ("CC-BY-NC-4.0", ("attribution-noncommercial 4.0",)),
    ("CC-BY-SA-4.0", ("attribution-sharealike 4.0",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("CC0-1.0", ("cc0 1.0",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("BSL-1.0", ("boost software license",)),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "neither the name")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms",)),
    ("ISC", ("permission to use, copy, modify, and/or distribute this software for any purpose",)),
    ("MIT", ("permission is hereby granted, free of charge", "the above copyright notice")),
    ("Llama", ("llama", "community license agreement")),
    ("OpenRAIL", ("openrail",)),
)


def read_licences(files: list[FactFile]) -> list[dict[str, str]]:
    """Path and licence ("" where its words are not known) of each file named like one."""
    named = [file for file in files if _NAMED.fullmatch(file.basename)]
    return [{"path": file.path, "licence": _guess(text_of(file))} for file in named[:_MOST_FILES]]


def _guess(text: str) -> str:
    if said := _SPDX.search(text):
        return said[1][:64]
    words = " ".join(text.lower().split())
    return next((name for name, all_of in _WORDS if all(part in words for part in all_of)), "")
