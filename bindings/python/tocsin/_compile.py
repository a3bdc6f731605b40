"""Rules in one call."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal, Union

from tocsin._core import Compiler, RuleSet
from tocsin._types import Source

_SUFFIXES = {
    "sigma": "yml",
    "toc": "toc",
    "eql": "eql",
    "esql": "esql",
    "kql": "kql",
    "elastic": "toml",
}


def _is_text(source: Source) -> bool:
    return isinstance(source, str) and "\n" in source


def _flatten(
    sources: Union[Source, Iterable[Union[Source, Iterable[Source]]]],
) -> Iterable[Source]:
    if isinstance(sources, (str, os.PathLike)):
        yield sources
    else:
        for source in sources:
            yield from _flatten(source)


def compile(  # noqa: A001  (as re.compile: it is always used with its module)
    *sources: Union[Source, Iterable[Source]],
    format: Literal["sigma", "toc", "eql", "esql", "kql", "elastic"] = "sigma",
    pipelines: Union[Source, Iterable[Source]] = (),
    fields: Union[Source, Iterable[Source]] = (),
    endpoint_eql: bool = False,
    strict: bool = False,
) -> RuleSet:
    """Compiles rules and returns them as a RuleSet.

    sources: rule files, folders of them, or texts; a str with a line break is
    a text, all else a path. Lists of these will do as well.
    format: what texts are written in; files tell it by their names (`.toc`,
    `.eql`, `.esql`, `.kql`, Elastic's `.toml`, `.ndjson` and `.json`, else Sigma).
    pipelines: processing pipelines for Sigma rules, likewise files or texts.
    fields: tables of fields for rules in EQL, KQL and Elastic's formats, files or
    texts.
    endpoint_eql: queries in EQL may also be written as Elastic's endpoint has it.
    strict: raise RuleError if any document cannot be loaded. Otherwise a bad
    rule costs only itself, and `RuleSet.diagnostics` tells why.

    Raises OSError for a path that cannot be read. Costs about 0.1 ms and 20 KB
    a rule.
    """
    if format not in _SUFFIXES:
        raise ValueError(f"format: expected one of {', '.join(_SUFFIXES)}")
    compiler = Compiler(endpoint_eql=endpoint_eql)
    for source in _flatten(fields):
        if _is_text(source):
            compiler.add_fields_text(os.fspath(source))
        else:
            compiler.add_fields_path(source)
    for source in _flatten(pipelines):
        if _is_text(source):
            compiler.add_pipeline_text(os.fspath(source))
        else:
            compiler.add_pipeline_path(source)
    for source in _flatten(sources):
        if _is_text(source):
            text = os.fspath(source)
            suffix = _SUFFIXES[format]
            if suffix == "toml" and text.lstrip().startswith("{"):
                suffix = "json" if '"analysis_config"' in text else "ndjson"
            compiler.add_text(text, f"<text>.{suffix}")
        else:
            compiler.add_path(source)
    return compiler.compile(strict=strict)
