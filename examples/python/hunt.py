"""A hunt over files of events, in cells as notebooks and editors show them.

    python examples/python/hunt.py [RULES [EVENTS...]]
"""

# %% Rules and events: the folders beside this file, or what the command says.
import collections
import sys
from pathlib import Path

import tocsin

here = Path(__file__).resolve().parent.parent
arguments = [Path(argument) for argument in sys.argv[1:]] or [here / "rules"]
rules = tocsin.compile(arguments[0])
files = arguments[1:] or sorted((here / "events").iterdir())
print(rules)
for diagnostic in rules.diagnostics:
    print(diagnostic, end="")

# %% Everything that is found, file by file.
engine = tocsin.Engine(rules)
rows = []
for file in files:
    results = engine.feed_file(file)
    rows += [(file.name, found) for found in results]
    for error in results.errors:
        print(f"{file.name}:{error.line}:{error.column}: {error.reason}")
rows += [("", found) for found in engine.flush()]

# %% A table.
print(f"\n{'TIME':20}  {'LEVEL':8}  {'EVENT':28}  RULE")
for name, found in rows:
    time = f"{found.time:%Y-%m-%dT%H:%M:%SZ}" if found.time else ""
    place = f"{name}:{found.line}" if name else ""
    print(f"{time:20}  {found.rule.level:8}  {place:28}  {found.rule.title}")

# %% Which rules fire most, as bars.
counts = collections.Counter(found.rule.title for _, found in rows)
print()
for title, count in counts.most_common(10):
    print(f"{'#' * min(count, 40):>40} {count:5}  {title}")

# %% What the rules did not see: events of a source that none of them covers.
for source in engine.metrics()["sources"]:
    if source["rules"] == 0:
        names = source["services"] or source["products"] or ["unknown"]
        print(f"{source['events']} events of {', '.join(names)} met no rule")
