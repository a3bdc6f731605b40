"""The function that aws.py puts under Lambda's runtime: what it finds is
appended to the file that TOCSIN_FOUND names."""

import os

import tocsin
import tocsin.aws

RULES = """\
rule many_failures {
  severity medium
  failed = any where action == "failed"
  when failed >= 10 within 10m by user
  fire reset
}
"""


def send(results: tocsin.Results) -> None:
    with open(os.environ["TOCSIN_FOUND"], "ab") as file:
        file.write(results.ndjson)


handler = tocsin.aws.lambda_handler(
    tocsin.compile(RULES, format="toc", strict=True), send
)
