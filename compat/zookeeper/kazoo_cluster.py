#!/usr/bin/python3
"""kazoo against the coordination service of a running cluster: watches the registrations, the controller and the partition states while
brokers come and go, and holds a lock and an election beside them. Started by cluster.ts as `kazoo_cluster.py PORT TOPIC`; says on standard
output what it wants done (`kill controller`, `start N`), one line at a time, and prints one line a check."""
import json
import os
import sys
import threading
import time

try:
    from kazoo.client import KazooClient
except ImportError:
    print("SKIPPED kazoo: the Python module is not installed")
    sys.exit(0)

PORT, TOPIC = int(sys.argv[1]), sys.argv[2]
STATE = "/brokers/topics/%s/partitions/0/state" % TOPIC


def check(name, condition):
    if not condition:
        print("FAILED kazoo: " + name, flush=True)
        os._exit(1)
    print("ok kazoo: " + name, flush=True)


def until(condition, seconds=15.0):
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


client = KazooClient(hosts="127.0.0.1:%d" % PORT, timeout=10.0)
client.start(10)

registrations, controllers, states = [], [], []
client.ChildrenWatch("/brokers/ids", lambda children: registrations.append(sorted(map(int, children))))
client.DataWatch("/controller", lambda data, stat: controllers.append(None if data is None else json.loads(data)["brokerid"]))
client.DataWatch(STATE, lambda data, stat: states.append(None if data is None else json.loads(data)))

check("sees all brokers registered", until(lambda: registrations and registrations[-1] == [1, 2, 3]))
for broker in (1, 2, 3):
    data, stat = client.get("/brokers/ids/%d" % broker)
    registered = json.loads(data)
    check("broker %d is registered by its session with its endpoint" % broker,
          stat.ephemeralOwner != 0 and registered["endpoints"] == ["PLAINTEXT://127.0.0.1:%d" % registered["port"]])
check("sees who is the controller", until(lambda: controllers and controllers[-1] in (1, 2, 3)))
check("sees the partition's leader and ISR", until(lambda: states and sorted(states[-1]["isr"]) == [1, 2, 3]))

lock = client.Lock("/stranger/lock", "first")
other = client.Lock("/stranger/lock", "second")
lock.acquire(timeout=5)
check("a held lock is refused to another contender", not other.acquire(blocking=False))
leading, leave = threading.Event(), threading.Event()


def lead():
    leading.set()
    leave.wait(60)


threading.Thread(target=client.Election("/stranger/election", "me").run, args=(lead,), daemon=True).start()
check("wins an election", leading.wait(5))

gone, epoch_before = controllers[-1], int(client.get("/controller_epoch")[0])
partition_before = states[-1]
print("kill controller", flush=True)
left = [broker for broker in (1, 2, 3) if broker != gone]
check("sees the registration go with the session", until(lambda: registrations[-1] == left))
check("sees the office fall vacant or change hands", until(lambda: controllers[-1] in left))
check("sees the controller epoch grow", until(lambda: int(client.get("/controller_epoch")[0]) > epoch_before))
check("sees the dead broker leave the ISR", until(lambda: gone not in states[-1]["isr"]))
check("sees a live leader", states[-1]["leader"] in left)
check("sees the leader epoch grow where the leader died",
      states[-1]["leader_epoch"] > partition_before["leader_epoch"] if partition_before["leader"] == gone else True)

print("start %d" % gone, flush=True)
check("sees the broker register again", until(lambda: registrations[-1] == [1, 2, 3]))
check("sees it join the ISR again", until(lambda: sorted(states[-1]["isr"]) == [1, 2, 3]))
check("kept its lock and its election through all of it", lock.is_acquired and leading.is_set())
leave.set()
lock.release()
check("hands the lock on", other.acquire(timeout=5))
other.release()
client.stop()
print("done", flush=True)
