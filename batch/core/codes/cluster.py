"""Work on several machines: what stands in its way."""

from __future__ import annotations

from batch.core.codes.code import Code

CODES: dict[str, Code] = {
    "config.cluster-missing": Code(
        "error",
        "The program that works with a Dask scheduler is not installed.",
        "Install it: pip install 'appraise[cluster]'",
    ),
    "config.scheduler-away": Code(
        "error",
        "The scheduler can't be reached: {problem}.",
        "See that it runs and that the address is right, or leave the scheduler out; then run again.",
    ),
    "config.workers-none": Code(
        "error",
        "The scheduler has no workers, or they die of the work.",
        "Start workers (docs/cluster.md) and see that they have memory enough, or leave the scheduler out; then run again.",
    ),
    "config.workers-bare": Code(
        "error",
        "The workers can't load this program: {problem}.",
        "Install the same version of appraise on every machine, then start the workers and run again.",
    ),
    "config.workers-differ": Code(
        "error",
        "The worker on {host} runs {worker}; this machine runs {mine}.",
        "Install the same versions on every machine, then start the workers and run again.",
    ),
    "config.workers-templates": Code(
        "error",
        "The worker on {host} sees other templates than this machine, so its papers would differ.",
        "Let every machine see the office's folder under the same path, then run again.",
    ),
}
