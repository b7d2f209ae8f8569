#!/usr/bin/env bash
# Runs the main job once, as a user would, and shows what it prints:
#   demo.sh PATH_OF_MLP [DIR]
set -euo pipefail
mlp=$1
dir=${2:-$(mktemp -d)}
[ $# -gt 1 ] || trap 'rm -rf "$dir"' EXIT
export PATH="$(dirname "$mlp"):$PATH"
# The demo's key and site live in its own directory, not in yours.
export XDG_CONFIG_HOME="$dir/config"

say() { printf '\n# %s\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

cd "$dir"
say "A project: specs, a sample of logs, a key to sign with"
run mlp init demo
cd demo
run mlp validate
run mlp dataset ls
say "What is there to do, and doing it"
run mlp plan
run mlp apply
say "A second apply has nothing to do"
run mlp apply
run mlp release ls
say "A site: one binary and one file"
run mlp env export lab --out ../site.textproto
cd ..
run mlp pull --config site.textproto --dir site
say "New logs, scored by the release that runs there"
printf '$ mlp score --dir site --parser zeek_conn --final demo/samples/new.log > alerts.jsonl\n'
mlp score --dir site --parser zeek_conn --final demo/samples/new.log > alerts.jsonl
printf '$ head -n 1 alerts.jsonl\n'
head -n 1 alerts.jsonl | cut -c 1-600
say "One feature is edited: one column, one model"
cd demo
sed -i 's/dport < 1024"/dport <= 1024"/' specs/features/conn_row.textproto
run mlp plan
