# Sourced before each block of the docs. Servers, which a reader stops with Ctrl-C, run in the background
# until the block ends; the next command waits until they print that they are ready.
set -euo pipefail

background() { # TEXT COMMAND…: waits until the command prints TEXT
  local ready=$1 log pid
  shift
  log=$(mktemp -p "$DOCS_TEMPORARY")
  command "$@" > "$log" 2>&1 &
  pid=$!
  until grep -q -- "$ready" "$log"; do
    kill -0 "$pid" 2> /dev/null || { cat "$log" >&2; return 1; }
    sleep 0.1
  done
  cat "$log"
}

npm() {
  case "$*" in
    start)
      if [[ $DOCS_STARTED == yes ]]; then curl -fsS "localhost:$HEBB_PORT/readyz"; else
        background '  gpu    ' npm start
      fi
      ;;
    'start --'*--help*) command npm "$@" ;;
    'start --'*--edge-only*) background 'Ctrl-C stops it' npm "$@" ;;
    'start --'*) background '  gpu    ' npm "$@" ;;
    'run gpu-tier'*--help*) command npm "$@" ;;
    'run gpu-tier'*) background '"event":"ready"' npm "$@" ;;
    *) command npm "$@" ;;
  esac
}

npx() {
  case "$*" in
    'hebb serve'*--help*) command npx "$@" ;;
    'hebb serve'*) background '"event":"ready"' npx "$@" ;;
    *) command npx "$@" ;;
  esac
}
