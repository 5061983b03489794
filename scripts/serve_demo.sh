#!/bin/bash
# Models from data/ behind one page: product search, one tree of it alone, and completion.
#   scripts/serve_demo.sh [FOLDER OF THE TOOLS]
# Makes the models of demo.sh and complete_demo.sh unless they are there. PORT is 8080 unless it is set.
set -eu
cd "$(dirname "$0")/.."
bin=${1:-build/release/bin}
[ -x "$bin/xmr-serve" ] || { echo "xmr-serve was not built: apt-get install libmicrohttpd-dev" >&2; exit 1; }
[ -e build/demo/retrieval.npz ] || scripts/demo.sh "$bin"
[ -e build/complete-demo/model.npz ] || scripts/complete_demo.sh "$bin" < /dev/null
echo
echo "Open http://127.0.0.1:${PORT:-8080}/ in a browser; Ctrl-C ends."
exec "$bin/xmr-serve" -m search=build/demo/retrieval.npz -m tree=build/demo/model.npz \
  -m completion=build/complete-demo/model.npz --port "${PORT:-8080}" --log build/serve-demo.jsonl
