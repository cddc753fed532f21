#!/bin/sh
# Records the routing of a server whose workload shifts from prose to arithmetic to code:
#   scripts/record-workload-shift.sh TRACE [PORT]
# Needs what `./cheshire serve` needs, and curl. The same prompts in the same order each time, one after the other.
set -eu

trace=$1
port=${2:-8123}
root=$(cd "$(dirname "$0")/.." && pwd)

complete() { # prompt
  curl -sS --fail-with-body -o /dev/null "http://127.0.0.1:$port/v1/completions" -H 'Content-Type: application/json' \
    -d "{\"model\":\"cheshire-mini\",\"prompt\":\"$1\",\"max_tokens\":40,\"temperature\":0.7,\"seed\":7,\"ignore_eos\":true}"
}

prose() {
  for who in Alice Dorothy Mowgli Mary "Mr. Darcy" Toad Peter Holmes; do
    complete "$who was beginning to get very tired of sitting by the river, and said to the"
    complete "In the evening $who walked through the garden and thought of the old days, when"
  done
}

arithmetic() {
  for a in 11 17 23 36 42 58 63 79; do
    complete "<|user|>\\nWhat is $a + 18?<|end|>\\n<|assistant|>\\n"
    complete "<|user|>\\nHow much is $a - 9?<|end|>\\n<|assistant|>\\n"
  done
}

code() {
  for name in buffer index length capacity offset position limit value; do
    complete "    public int $name()\\n    {\\n        return"
    complete "    private final long $name;\\n\\n    /**\\n     * Get the $name of the"
  done
}

"$root/cheshire" serve --port "$port" --ops-port 0 --record-routing "$trace" &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT
until curl -sf -o /dev/null "http://127.0.0.1:$port/ready"; do
  kill -0 "$server"
  sleep 1
done
prose
arithmetic
code
kill "$server"
wait "$server" || true
trap - EXIT
tail -n 1 "$trace"
