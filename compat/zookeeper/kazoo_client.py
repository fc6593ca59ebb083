#!/usr/bin/python3
"""kazoo against our coordination server: znodes, watches, transactions, ACLs, recipes, a restart of the server, expiry of a session.
Started by run.ts as `kazoo_client.py PORT`; when it prints the line "restart", the server is restarted and a line comes back on its
standard input. Prints one line a check, and exits with 1 at the first that fails."""
import os
import subprocess
import sys
import threading
import time

try:
    from kazoo.client import KazooClient, KazooState
except ImportError:
    print("SKIPPED kazoo: the Python module is not installed")
    sys.exit(0)

from kazoo.exceptions import (BadVersionError, NoAuthError, NoChildrenForEphemeralsError, NodeExistsError, NoNodeError,
                              NotEmptyError, RolledBackError, RuntimeInconsistency)
from kazoo.protocol.states import EventType
from kazoo.security import make_digest_acl, OPEN_ACL_UNSAFE

PORT = int(sys.argv[1])
HOSTS = "127.0.0.1:%d" % PORT


def client(timeout=10.0, **options):
    made = KazooClient(hosts=HOSTS, timeout=timeout, **options)
    made.start(10)
    return made


def check(name, condition):
    if not condition:
        print("FAILED kazoo: " + name, flush=True)
        os._exit(1)
    print("ok kazoo: " + name, flush=True)


def raises(error, action):
    try:
        action()
    except error:
        return True
    return False


def until(condition, seconds=10.0):
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def restart_server():
    print("restart", flush=True)
    sys.stdin.readline()


def znodes(zk):
    check("server_version reads srvr", zk.server_version()[:2] == (3, 8))
    check("ruok", zk.command(b"ruok") == "imok")
    check("create makes parents", zk.create("/app/one", b"1", makepath=True) == "/app/one")
    data, stat = zk.get("/app/one")
    check("get answers data and stat", data == b"1" and stat.version == 0 and stat.dataLength == 1)
    check("set bumps the version", zk.set("/app/one", b"22").version == 1)
    check("set with a wrong version", raises(BadVersionError, lambda: zk.set("/app/one", b"", version=7)))
    check("create twice", raises(NodeExistsError, lambda: zk.create("/app/one")))
    check("create without a parent", raises(NoNodeError, lambda: zk.create("/none/one")))
    check("delete with children", raises(NotEmptyError, lambda: zk.delete("/app")))
    check("sequential", zk.create("/app/s-", sequence=True) == "/app/s-0000000001")
    check("ephemeral sequential", zk.create("/app/e-", sequence=True, ephemeral=True) == "/app/e-0000000002")
    check("ephemeral belongs to the session", zk.exists("/app/e-0000000002").ephemeralOwner == zk.client_id[0])
    check("no children below it", raises(NoChildrenForEphemeralsError, lambda: zk.create("/app/e-0000000002/x")))
    check("children", sorted(zk.get_children("/app")) == ["e-0000000002", "one", "s-0000000001"])
    path, stat = zk.create("/app/with-stat", b"abc", include_data=True)
    check("create2 answers a stat", path == "/app/with-stat" and stat.dataLength == 3)
    check("sync", zk.sync("/app") == "/app")
    check("names beyond ASCII", zk.create("/app/\u00e9t\u00e9") == "/app/\u00e9t\u00e9")
    big = b"x" * 900000
    zk.create("/app/big", big)
    check("900 kB of data", zk.get("/app/big")[0] == big)


def watches(zk):
    events = []
    zk.create("/watched", b"")
    zk.get("/watched", watch=events.append)
    zk.get_children("/watched", watch=events.append)
    zk.exists("/watched/late", watch=events.append)
    zk.set("/watched", b"new")
    zk.create("/watched/late", b"")
    check("three one-shot watches fire", until(lambda: len(events) == 3))
    check("with their types", sorted(event.type for event in events) == sorted([EventType.CHANGED, EventType.CHILD, EventType.CREATED]))
    zk.set("/watched", b"again")
    zk.get("/watched")
    check("and only once", len(events) == 3)
    seen = []
    zk.DataWatch("/watched", lambda data, stat: seen.append(data))
    zk.ChildrenWatch("/watched", lambda children: seen.append(sorted(children)))
    zk.set("/watched", b"third")
    zk.create("/watched/more")
    check("DataWatch and ChildrenWatch follow", until(lambda: b"third" in seen and ["late", "more"] in seen))


def transactions(zk):
    zk.create("/multi")
    tx = zk.transaction()
    tx.create("/multi/a", b"1")
    tx.set_data("/multi", b"changed")
    tx.check("/multi", 1)
    results = tx.commit()
    check("a transaction commits", results[0] == "/multi/a" and results[1].version == 1 and results[2] is True)
    tx = zk.transaction()
    tx.create("/multi/b", b"1")
    tx.delete("/multi/a", version=9)
    tx.create("/multi/c", b"1")
    results = tx.commit()
    kinds = [type(result) for result in results]
    check("a failed one tells which operation", kinds == [RolledBackError, BadVersionError, RuntimeInconsistency])
    check("and changes nothing", zk.get_children("/multi") == ["a"])


def access(zk):
    check("get_acls", zk.get_acls("/multi")[0] == OPEN_ACL_UNSAFE)
    closed = make_digest_acl("ann", "secret", all=True)
    zk.create("/closed", b"hidden", acl=[closed])
    check("a stranger may not read", raises(NoAuthError, lambda: zk.get("/closed")))
    zk.add_auth("digest", "ann:secret")
    check("who proves it may", zk.get("/closed")[0] == b"hidden")
    zk.set_acls("/closed", OPEN_ACL_UNSAFE)
    check("set_acls opens it", zk.get_acls("/closed")[1].aversion == 1)


def recipes(zk):
    other = client()
    order = []
    first, second = zk.Lock("/lock", "first"), other.Lock("/lock", "second")
    first.acquire()

    def wait_for_lock():
        with second:
            order.append("second")

    waiting = threading.Thread(target=wait_for_lock)
    waiting.start()
    check("a lock has one holder and a queue", until(lambda: len(first.contenders()) == 2) and first.contenders() == ["first", "second"])
    order.append("first")
    first.release()
    waiting.join(10)
    check("and goes to the next", order == ["first", "second"])

    led = []
    release = threading.Event()
    elections = [zk.Election("/election", "zk"), other.Election("/election", "other")]

    def lead(name):
        led.append(name)
        release.wait(10)

    threads = [threading.Thread(target=elections[index].run, args=(lead, index)) for index in range(2)]
    for thread in threads:
        thread.start()
    check("an election has one leader", until(lambda: len(led) == 1 and len(elections[0].contenders()) == 2))
    time.sleep(0.2)
    check("and only one", len(led) == 1)
    release.set()
    for thread in threads:
        thread.join(10)
    check("then the other one", sorted(led) == [0, 1])

    barrier = zk.Barrier("/barrier")
    barrier.create()
    passed = []
    at_barrier = threading.Thread(target=lambda: passed.append(other.Barrier("/barrier").wait(10)))
    at_barrier.start()
    time.sleep(0.1)
    barrier.remove()
    at_barrier.join(10)
    check("a barrier opens", passed == [True])
    counter = zk.Counter("/counter")
    counter += 3
    counter -= 1
    check("a counter counts", counter.value == 2)
    queue = other.Queue("/queue")
    queue.put(b"job")
    check("a queue carries", zk.Queue("/queue").get() == b"job")
    other.stop()
    other.close()


def restarts(zk):
    states = []
    zk.add_listener(states.append)
    zk.create("/stays", b"kept", ephemeral=True)
    fired = []
    zk.get("/stays", watch=fired.append)
    session = zk.client_id[0]
    restart_server()
    check("the session outlives a restart of the server", until(lambda: zk.connected and KazooState.SUSPENDED in states))
    check("by the same id", zk.client_id[0] == session and KazooState.LOST not in states)
    check("its ephemeral is there", zk.retry(zk.get, "/stays")[0] == b"kept")
    check("data is there", zk.retry(zk.get, "/app/one")[0] == b"22")
    zk.set("/stays", b"changed")
    check("a watch from before it fires", until(lambda: len(fired) == 1))


VICTIM = """
import sys, time
from kazoo.client import KazooClient
zk = KazooClient(hosts=sys.argv[1], timeout=1.0)
zk.start(10)
zk.create("/dying", ephemeral=True)
print(zk.client_id[0], zk.client_id[1].hex(), flush=True)
time.sleep(60)
"""


def expiry(zk):
    victim = subprocess.Popen([sys.executable, "-c", VICTIM, HOSTS], stdout=subprocess.PIPE, text=True)
    session, password = victim.stdout.readline().split()
    identity = (int(session), bytes.fromhex(password))
    gone = threading.Event()
    check("an ephemeral of another process", zk.exists("/dying", watch=lambda event: gone.set()) is not None)
    victim.kill()
    victim.wait()
    killed_at = time.time()
    check("goes when its session expires", gone.wait(10))
    check("and not before", time.time() - killed_at > 0.6)
    heir = KazooClient(hosts=HOSTS, client_id=identity, timeout=10.0)
    heir.start(10)
    check("an expired session cannot be resumed", heir.client_id[0] != identity[0])
    heir.stop()
    closing = client()
    closing.create("/closing", ephemeral=True)
    closing.stop()
    check("an ephemeral goes at once when its session is closed", until(lambda: zk.exists("/closing") is None, 1))


zk = client()
for part in (znodes, watches, transactions, access, recipes, restarts, expiry):
    part(zk)
zk.stop()
zk.close()
print("kazoo: all checks passed")
