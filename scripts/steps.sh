# Sourced by the demos: step COMMAND... shows a command, runs it, and says how long it took.
step() {
  echo
  echo "\$ $*"
  local start=$EPOCHREALTIME
  "$@"
  awk "BEGIN { printf \"(%.1f s)\\n\", ${EPOCHREALTIME/,/.} - ${start/,/.} }"
}
