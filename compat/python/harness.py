"""What the programs of the Python clients share: checks of which each prints one line, waiting with a limit, and the command line of the codec matrix.

    PROGRAM check --bootstrap B [--quick]
    PROGRAM write --bootstrap B --topic T --codec C --count N     records from standard input
    PROGRAM read  --bootstrap B --topic T --count N               records to standard output

A line is `ok NAME`, `failed NAME: REASON` or `skipped NAME: REASON`; a record {"key", "value", "headers"} in JSON, its bytes in base64.
"""
import argparse
import base64
import json
import signal
import sys
import time
import traceback
import uuid

CHECK_LIMIT_SECONDS = 60


class Skip(Exception):
    """A check that cannot be made with this version of the client."""


class TimeOut(Exception):
    pass


def _on_alarm(_signal, frame):
    raise TimeOut("not done after %d s, at %s:%d" % (CHECK_LIMIT_SECONDS, frame.f_code.co_filename.split("/")[-1], frame.f_lineno))


class Harness:
    def __init__(self, bootstrap, is_quick):
        self.bootstrap = bootstrap
        self.is_quick = is_quick
        self.checks = []

    def check(self, name, in_quick=False):
        """Decorates a function that is a check; of a quick run only those that say so are part."""

        def add(function):
            self.checks.append((name, in_quick, function))
            return function

        return add

    def run(self):
        signal.signal(signal.SIGALRM, _on_alarm)
        for name, in_quick, function in self.checks:
            if self.is_quick and not in_quick:
                continue
            signal.alarm(CHECK_LIMIT_SECONDS)
            try:
                function()
                say("ok", name)
            except Skip as reason:
                say("skipped", name, reason)
            except BaseException as error:  # pylint: disable=broad-except
                say("failed", name, "%s: %s (%s)" % (type(error).__name__, error, where(error)))
                if isinstance(error, KeyboardInterrupt):
                    raise
            finally:
                signal.alarm(0)


def where(error):
    """The line of the check itself, not the one deep in the client."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == sys.argv[0]]
    return "line %d" % frames[-1].lineno if frames else "in the client"


def say(status, name, reason=None):
    text = "" if reason is None else ": " + " / ".join(str(reason).split("\n"))
    print("%s %s%s" % (status, name, text), flush=True)


def unique(prefix):
    return "%s-%s" % (prefix, uuid.uuid4().hex[:8])


def expect(what, actual, expected):
    if actual != expected:
        raise AssertionError("%s: %.300r is not %.300r" % (what, actual, expected))


def eventually(what, condition, seconds=20):
    """Asks again until it holds; answers what it then was."""
    deadline = time.time() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.time() > deadline:
            raise AssertionError("%s: not within %s s" % (what, seconds))
        time.sleep(0.05)


def to_json(key, value, headers):
    def encoded(part):
        return None if part is None else base64.b64encode(part).decode()

    pairs = [[name, encoded(part)] for name, part in headers or []]
    return json.dumps({"key": encoded(key), "value": encoded(value), "headers": pairs})


def from_json(line):
    def decoded(part):
        return None if part is None else base64.b64decode(part)

    record = json.loads(line)
    return decoded(record["key"]), decoded(record["value"]), [(name, decoded(part)) for name, part in record["headers"]]


def main(check, write, read):
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["check", "write", "read"])
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--topic")
    parser.add_argument("--codec")
    parser.add_argument("--count", type=int)
    options = parser.parse_args()
    if options.verb == "check":
        check(options.bootstrap, options.quick)
    elif options.verb == "write":
        records = [from_json(line) for line in sys.stdin.read().splitlines() if line]
        expect("records on standard input", len(records), options.count)
        write(options.bootstrap, options.topic, options.codec, records)
    else:
        for record in read(options.bootstrap, options.topic, options.count):
            print(to_json(*record), flush=False)
    sys.stdout.flush()
