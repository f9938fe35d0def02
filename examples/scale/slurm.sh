#!/bin/bash
# Two hosts of a cluster train one model: sbatch slurm.sh. See README.md.
#SBATCH --job-name=kgt-train
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=16
#SBATCH --time=24:00:00
#SBATCH --requeue
#SBATCH --signal=TERM@120
set -euo pipefail

export KERAS_BACKEND=jax
COORDINATOR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed -n 1p):9876
export COORDINATOR

# One process on each node; when one ends badly all are started again.
for _ in $(seq 100); do
    status=0
    srun --kill-on-bad-exit=1 bash -c 'exec kgt train cyclegan \
        /data/horse2zebra --batch-size 16 --out /runs/horse2zebra \
        --hosts "$SLURM_NNODES" --host-index "$SLURM_NODEID" \
        --coordinator "$COORDINATOR"' || status=$?
    # 143: the time is over, and the current step is saved.
    if [ "$status" -eq 0 ] || [ "$status" -eq 143 ]; then
        break
    fi
    sleep 10
done
exit "$status"
