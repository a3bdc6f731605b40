"""A function for AWS Lambda: `lambda_function.handler`.

Put the package `tocsin` and a folder `rules` beside this file. Firehose,
Kinesis and CloudWatch Logs may call it; what is found is printed, so that it
stands in the function's log, where a metric filter or a subscription takes it
on.
"""

from pathlib import Path

import tocsin
import tocsin.aws


def send(results: tocsin.Results) -> None:
    print(results.ndjson.decode(), end="")


folder = Path(__file__).resolve().parent / "rules"
if not folder.exists():
    folder = Path(__file__).resolve().parents[1] / "rules"  # As in this clone.
handler = tocsin.aws.lambda_handler(tocsin.compile(folder), send)
