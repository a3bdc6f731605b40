"""tocsin.aws between real clients and servers, on this machine alone: boto3 puts
log events into moto's server, whose subscriptions deliver them to Kinesis and to
Firehose; what Kinesis holds goes through Lambda's runtime emulator and runtime
client to the function beside this file, and what Firehose wrote into a bucket
is read.

    python tests/services/aws.py       with TOCSIN_LAMBDA_EMULATOR=.../aws-lambda-rie

Without the emulator the function is called as Lambda would, in this process, and
it is said so. Needs boto3, moto[server], and for the emulator awslambdaric.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.config

import tocsin

HERE = Path(__file__).resolve().parent
ACCOUNT = "123456789012"  # Of moto.
GROUP = "/example/app"
EVENTS = 1000
A_CALL = 100


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


@contextlib.contextmanager
def running(command: list[str], **options: Any) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Clients:
    """boto3 clients of the server on `port`."""

    def __init__(self, port: int) -> None:
        def client(name: str) -> Any:
            return boto3.client(
                name,
                region_name="eu-north-1",
                endpoint_url=f"http://127.0.0.1:{port}",
                aws_access_key_id="none",
                aws_secret_access_key="none",
                config=botocore.config.Config(retries={"max_attempts": 2}),
            )

        self.logs = client("logs")
        self.kinesis = client("kinesis")
        self.firehose = client("firehose")
        self.s3 = client("s3")


def set_up(aws: Clients) -> None:
    aws.kinesis.create_stream(StreamName="logs", ShardCount=1)
    aws.s3.create_bucket(
        Bucket="archive",
        CreateBucketConfiguration={"LocationConstraint": "eu-north-1"},
    )
    aws.firehose.create_delivery_stream(
        DeliveryStreamName="archive",
        S3DestinationConfiguration={
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/none",
            "BucketARN": "arn:aws:s3:::archive",
        },
    )
    aws.logs.create_log_group(logGroupName=GROUP)
    aws.logs.create_log_stream(logGroupName=GROUP, logStreamName="host")
    for name, arn in (
        ("kinesis", f"arn:aws:kinesis:eu-north-1:{ACCOUNT}:stream/logs"),
        ("firehose", f"arn:aws:firehose:eu-north-1:{ACCOUNT}:deliverystream/archive"),
    ):
        aws.logs.put_subscription_filter(
            logGroupName=GROUP, filterName=name, filterPattern="",
            destinationArn=arn,
        )


def put_log_events(aws: Clients) -> None:
    now = int(time.time() * 1000) // 1000 * 1000
    for begin in range(0, EVENTS, A_CALL):
        aws.logs.put_log_events(
            logGroupName=GROUP,
            logStreamName="host",
            logEvents=[
                {
                    "timestamp": now + number,
                    "message": json.dumps(
                        {
                            "timestamp": now + number,
                            "action": "failed",
                            "user": f"user{number % 10}",
                            "number": number,
                        }
                    ),
                }
                for number in range(begin, begin + A_CALL)
            ],
        )


def kinesis_event(aws: Clients) -> dict[str, Any]:
    """All of the stream, as Lambda hands it to a function."""
    shard = aws.kinesis.describe_stream(StreamName="logs")["StreamDescription"][
        "Shards"
    ][0]["ShardId"]
    place = aws.kinesis.get_shard_iterator(
        StreamName="logs", ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = aws.kinesis.get_records(ShardIterator=place, Limit=1000)["Records"]
    return {
        "Records": [
            {
                "kinesis": {
                    "data": base64.b64encode(record["Data"]).decode(),
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": str(number),
                },
                "eventID": f"{shard}:{number}",
                "eventSource": "aws:kinesis",
            }
            for number, record in enumerate(records)
        ]
    }


@contextlib.contextmanager
def function(found: Path) -> Iterator[Callable[[dict[str, Any]], Any]]:
    """Calls the function: under the emulator, or in this process."""
    os.environ["TOCSIN_FOUND"] = str(found)
    emulator = os.environ.get("TOCSIN_LAMBDA_EMULATOR") or shutil.which(
        "aws-lambda-rie"
    )
    if emulator is None:
        print("SKIPPED: Lambda's runtime emulator (no aws-lambda-rie here)")
        sys.path.insert(0, str(HERE))
        import lambda_function

        yield lambda event: lambda_function.handler(event, None)
        return
    port, api = free_port(), free_port()
    command = [
        emulator,
        "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{api}",
        sys.executable, "-m", "awslambdaric", "lambda_function.handler",
    ]
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"

    def call(event: dict[str, Any]) -> Any:
        request = urllib.request.Request(url, json.dumps(event).encode())
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    with running(command, cwd=HERE):
        wait_for(port)
        yield call


def check_kinesis(aws: Clients, call: Callable[[dict[str, Any]], Any],
                  found: Path) -> None:
    event = kinesis_event(aws)
    records = event["Records"]
    assert len(records) == EVENTS // A_CALL, len(records)
    poison = {**records[-1], "kinesis": {**records[-1]["kinesis"]}}
    poison["kinesis"].update(data="bm90IGd6aXA", sequenceNumber="poison")
    event["Records"] = [*records, poison]
    begin = time.perf_counter()
    answer = call(event)
    took = time.perf_counter() - begin
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}, answer
    incidents = [json.loads(line) for line in found.read_bytes().splitlines()]
    fired = [one for one in incidents if one.get("change") != "closed"]
    # Ten users failed a hundred times each, and ten failures are an incident.
    assert len(fired) == EVENTS // 10, len(fired)
    assert {key["value"] for one in fired for key in one["keys"]} == {
        f"user{n}" for n in range(10)
    }
    answer = call({"Records": records[:1]})  # The function stayed warm.
    assert answer == {"batchItemFailures": []}, answer
    print(f"Kinesis: {len(records)} records, {EVENTS} log events, {len(fired)} "
          f"incidents; the first call took {1000 * took:.0f} ms")


def check_firehose(aws: Clients) -> None:
    numbers = set()
    objects = aws.s3.list_objects_v2(Bucket="archive")["Contents"]
    engine = tocsin.Engine(
        tocsin.compile(
            "rule all {\n severity low\n detect any where action == \"failed\"\n}\n",
            format="toc",
            strict=True,
        ),
        include_event=True,
    )
    for one in objects:
        body = aws.s3.get_object(Bucket="archive", Key=one["Key"])["Body"].read()
        for found in engine.feed_file(body):
            numbers.add(found.to_dict()["event"]["number"])
    assert numbers == set(range(EVENTS)), len(numbers)
    assert engine.metrics()["malformed"] == 0
    print(f"Firehose: {len(objects)} objects, {len(numbers)} log events")


def main() -> None:
    port = free_port()
    server = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with tempfile.TemporaryDirectory() as folder, running(server):
        found = Path(folder, "found.ndjson")
        found.touch()
        wait_for(port)
        aws = Clients(port)
        set_up(aws)
        put_log_events(aws)
        with function(found) as call:
            check_kinesis(aws, call, found)
        check_firehose(aws)


if __name__ == "__main__":
    main()
