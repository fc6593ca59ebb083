#!/bin/sh
# ZooKeeper's own C client (cli_mt, Debian package zookeeper-bin) against our coordination server: c_client.sh PORT.
# Feeds it commands and looks for what they must print. Prints one line a check, and exits with 1 if any failed.
set -u
cli=/usr/lib/zookeeper/bin/cli_mt
if [ ! -x "$cli" ]; then
  echo "SKIPPED C client: $cli is not installed"
  exit 0
fi
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# The client works off its commands while it may still be connecting; so each has a moment.
feed() {
  sleep 1
  for command in "create /c-client" "set /c-client first-value" "get /c-client" "create +e /c-client/mine" "ls /c-client" "ls2 /c-client" \
    "exists /c-client" "wexists /c-client/later" "create /c-client/later" "sync /c-client" "delete /c-client/later" "get /c-client/none" "quit"; do
    echo "$command"
    sleep 0.2
  done
}
feed | timeout 30 "$cli" "127.0.0.1:$1" >"$out" 2>&1

failed=0
expect() {
  if grep -q -- "$2" "$out"; then
    echo "ok C client: $1"
  else
    echo "FAILED C client: $1 (no $2 in its output)"
    failed=1
  fi
}
expect "connects" "state = CONNECTED_STATE"
expect "creates" "name = /c-client"
expect "reads what it set" "^first-value"
expect "lists its ephemeral" "mine"
expect "is told of a creation it waits for" "CREATED_EVENT .* /c-client/later"
expect "syncs" "^.\/c-client.: rc = 0"
expect "learns that there is no such znode" "/c-client/none: rc = -101"
[ "$failed" = 0 ] || { echo "--- its output:"; cat "$out"; }
exit "$failed"
