#!/usr/bin/env bash
# bench/gpu/pack.sh TARGET: writes into the folder TARGET what bench/gpu/run.sh needs on a machine without a network, beside a
# checkout of this project: Node, the compiled packages with what they depend on, and the golden vectors.
#
#   app.tar.xz       Node, node_modules, dist; unpack in the root of the checkout
#   golden.tar.xz    reference vectors of the full model, where ../shared has them; unpack beside the checkout
#
# A native runtime goes along as a folder: copy .runtimes/cuda.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$(realpath -m "${1:?usage: bench/gpu/pack.sh TARGET}")
mkdir -p "$target"

node node_modules/typescript/bin/tsc -p bench
packages=(world-model random errors artifacts)
list=$(mktemp)
trap 'rm -f "$list"' EXIT
node bench/gpu/closure.mjs $(printf 'packages/%s/node_modules ' "${packages[@]}") node_modules >"$list"
for name in "${packages[@]}"; do
  for part in dist node_modules; do
    [ -e "packages/$name/$part" ] && echo "packages/$name/$part" >>"$list"
  done
done
find node_modules -maxdepth 2 -type l -not -path '*/.bin/*' >>"$list"
# Undeclared dependencies of tfjs: pnpm links every package here.
echo node_modules/.pnpm/node_modules >>"$list"
find bench/dist -maxdepth 1 -mindepth 1 >>"$list"
mkdir -p bench/gpu/bin && cp "$(realpath "$(command -v node)")" bench/gpu/bin/node
echo bench/gpu/bin >>"$list"
# Other platforms' binaries, browser builds, types and source maps stay here.
tar --exclude='*.map' --exclude='*.d.ts' --exclude='*.d.mts' --exclude='*.min.js' --exclude='*.es2017.js' --exclude='*fesm*' \
  --exclude='darwin-*' --exclude='win32-*' --exclude='linux-arm64*' --exclude='*_test.js' \
  -cf - -T "$list" | xz -T0 -4 >"$target/app.tar.xz"
if [ -d ../shared/golden/model ]; then
  tar -C .. -cf - shared/golden/model | xz -T0 -4 >"$target/golden.tar.xz"
fi
ls -l "$target"
