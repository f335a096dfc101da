#!/bin/sh
# A real night with faults: a session that is killed, stopped, paused by a signal and gone on with again and again, and
# the record of it. Usage: tests/night.sh [HOURS [PERIOD_SECONDS]], with keygen in the path or named by $KEYGEN.
# All it writes is in a new folder, which it names; it ends with 1 if the record does not agree with what was done.
set -eu
hours=${1:-8}
period=${2:-300}
keygen=${KEYGEN:-keygen}
folder=$(mktemp -d)
state="$folder/state"
seconds=$(awk "BEGIN { print int($hours * 3600) }")
end=$(($(date +%s) + seconds))
echo "everything is in $folder"

start() {
    "$keygen" --prefix C0FFEE1,D00D1E5 -n all --session night --state-dir "$state" --output "$folder/keys" \
        --events "$folder/events" --json >>"$folder/keys.jsonl" 2>>"$folder/err" &
    process=$!
}

kills=0
stops=0
start
while [ "$(date +%s)" -lt "$end" ]; do
    sleep "$period"
    if [ $(((kills + stops) % 2)) = 0 ]; then
        kill -KILL "$process" && kills=$((kills + 1))
        wait "$process" 2>/dev/null || true
        start
    else
        kill -STOP "$process" && stops=$((stops + 1))
        sleep 10
        kill -CONT "$process"
    fi
done
kill -USR1 "$process"
sleep 2
kill -TERM "$process"
wait "$process" || true

"$keygen" status night --state-dir "$state"
"$keygen" health report --session night --state-dir "$state" --since "$((seconds / 3600 + 1))h"
record=$("$keygen" status night --state-dir "$state" --json)
announced=$(grep -c '"kind":"found"' "$folder/keys.jsonl" || true)
different=$(grep '"kind":"found"' "$folder/keys.jsonl" | grep -o '"public_key":"[0-9a-f]*"' | sort -u | wc -l)
found=$(echo "$record" | grep -o '"found":[0-9]*' | head -n 1 | cut -d : -f 2)
runs=$(echo "$record" | grep -o '"runs":[0-9]*' | cut -d : -f 2)
stopped=$(grep '"event":"gap"' "$folder/events" | grep -c '"kind":"stopped"' || true)
echo "kills $kills, runs $runs, stops $stops (recorded $stopped), keys found $found, lines $announced, different $different"
find "$folder/keys" -name '*.json' -exec "$keygen" key verify {} + >"$folder/verified"
echo "saved keys that verify: $(find "$folder/keys" -name '*.json' | wc -l)"
[ "$runs" = $((kills + 1)) ] && [ "$stopped" = "$stops" ] && [ "$found" = "$different" ]
