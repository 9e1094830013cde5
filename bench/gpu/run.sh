#!/usr/bin/env bash
# bench/gpu/run.sh [--bundle DIR] [--runtimes DIR] [--batch 128] [--runs 2] [--steps 3] [--out FILE]: everything that a GPU has
# to prove, in one go and without a network, from the root of a checkout:
#
#   1. machine and devices (retail-doctor's probes)
#   2. the golden vectors on every GPU device that opens (cuda, webgpu)
#   3. seconds of a training step of the full model on each, beside PyTorch eager on the same GPU, in turns
#
# --bundle unpacks what bench/gpu/pack.sh made. --runtimes names the folder with a native runtime (.runtimes).
set -uo pipefail
cd "$(dirname "$0")/../.."
bundle='' batch=128 runs=2 steps=3 out=/dev/stdout
while [ $# -gt 0 ]; do
  case $1 in
    --bundle) bundle=$2 ;;
    --runtimes) export RETAIL_SIM_RUNTIMES=$2 ;;
    --batch) batch=$2 ;;
    --runs) runs=$2 ;;
    --steps) steps=$2 ;;
    --out) out=$2 ;;
    *) echo "unknown option $1" >&2 && exit 2 ;;
  esac
  shift 2
done
if [ -n "$bundle" ]; then
  tar -xJf "$bundle/app.tar.xz" || exit 1
  [ -f "$bundle/golden.tar.xz" ] && tar -C .. -xJf "$bundle/golden.tar.xz"
  export PATH="$PWD/bench/gpu/bin:$PATH"
fi
export TF_FORCE_GPU_ALLOW_GROWTH=true NO_COLOR=1

echo '== machine'
node --version
nvidia-smi --query-gpu=name,memory.total,driver_version,compute_cap --format=csv,noheader || echo 'no NVIDIA GPU'

devices=()
for device in cuda webgpu; do
  echo "== device $device"
  if timeout 120 node bench/dist/world-model/training-step.js --device "$device" --batch 2 --steps 1; then
    devices+=("$device")
    echo
  fi
done
if [ ${#devices[@]} -eq 0 ]; then
  echo 'no GPU device opens on this machine' >&2
  exit 1
fi

echo '== golden vectors'
timeout 240 node node_modules/vitest/vitest.mjs run packages/world-model/src/golden -t "$(IFS='|' && echo "(${devices[*]})")" \
  --maxWorkers 1 --reporter verbose 2>&1 | grep -E '✓|×|AssertionError|Test Files|Tests '

echo "== training step, B $batch"
for run in $(seq "$runs"); do
  python3 bench/world-model/pytorch_step.py --device cuda --batch "$batch" --steps "$steps" | tee -a "$out"
  for device in "${devices[@]}"; do
    timeout 240 node bench/dist/world-model/training-step.js --device "$device" --batch "$batch" --steps "$steps" | tee -a "$out"
    echo
  done
done
