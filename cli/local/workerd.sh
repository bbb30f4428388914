#!/bin/sh
# Starts workerd so that it lives exactly as long as it is needed.
# Ctrl-C reaches every process of the terminal, but the queues are drained first: workerd ignores it.
trap '' INT
# When its parent is killed, nobody is left to end it: this does, and it ends by itself when workerd does.
(
  while kill -0 "$PPID" && kill -0 "$$"; do sleep 1; done
  kill -0 "$PPID" || kill -KILL "$$"
) </dev/null >/dev/null 2>&1 3>&- &
exec "$OVERPLANNED_WORKERD" "$@"
