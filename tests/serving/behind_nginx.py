"""Latency of stand-in servers behind nginx, measured and predicted.

    python -m tests.serving.behind_nginx saved_models/anime/anime --json a.json
    python -m tests.serving.behind_nginx FOLDER/NAME --at-least 0.2 --threads 1

starts one and then two stand-ins behind nginx, sends them requests at moments
of chance, and predicts from the seconds of requests that were alone, in the
same minutes, how long the same requests take at the same moments. With
`--at-least` a stand-in takes so long for every request and shares the
processor with nobody, as one on a machine of its own; without it each has one
core and works.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import numpy as np
from PIL import Image

from tests.serving.process import ROOT, running_server
from tests.serving.traffic import some_photos

sys.path.append(str(ROOT / "examples" / "scale" / "serving"))

import load_model  # noqa: E402, found by the line above
import measure_server  # noqa: E402

NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  client_max_body_size 64m;
  client_body_buffer_size 8m;
  proxy_buffers 64 64k;
  proxy_read_timeout 300s;
  upstream replicas {{
    least_conn;
    {servers}
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""
SIMULATIONS = 5  # of which the mean is the prediction


def has_nginx():
    """Path of nginx, which may stand where only root looks; None if absent."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@contextlib.contextmanager
def nginx_before(ports):
    """Within it nginx answers at the address that is given back."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = pathlib.Path(folder, "nginx.conf")
        servers = "".join(f"server 127.0.0.1:{each};" for each in ports)
        config.write_text(NGINX.format(servers=servers, port=port))
        process = subprocess.Popen(
            [has_nginx(), "-p", folder, "-c", config, "-e", "stderr"]
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


def free_port():
    """A port of this machine that is free."""
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return link.getsockname()[1]


def wait_for(port, process):
    """Returns once a port is listened at."""
    while process.poll() is None:
        with contextlib.suppress(ConnectionError):
            socket.create_connection(("127.0.0.1", port), 30).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"nginx ended: exit code {process.returncode}.")


def compare(base_path, replicas, busy, options):
    """A row: what is measured, what is predicted, and their ratios.

    Args:
        base_path: folder of the versions of an export.
        replicas: number of stand-ins.
        busy: list of utilisations.
        options: see `main`.
    """
    cores = sorted(os.sched_getaffinity(0))
    flags = ["--threads", options.threads, "--at-least", options.at_least]
    sleeps = options.at_least > 0
    replica = load_model.Replica(
        slots=options.threads, lanes=options.threads if sleeps else 1
    )
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(
                running_server(
                    base_path,
                    base_path.name,
                    flags,
                    None if sleeps else cores[i % len(cores)],
                )
            )
            for i in range(replicas)
        ]
        url = stack.enter_context(nginx_before([s.rest for s in servers]))
        server = measure_server.Server(url, base_path.name)
        with tempfile.TemporaryDirectory() as folder:
            photo = pathlib.Path(folder, "photo.png")
            Image.fromarray(some_photos(1, max(options.sizes))[0]).save(photo)
            bodies = measure_server.bodies_of(photo, options.sizes)
        server.alone(bodies, 2 * replicas)  # threads start, pools fill
        for utilisation in busy:
            row = under_load(
                server, bodies, replica, replicas, utilisation, options
            )
            yield row | {"memory": [each.memory() for each in servers]}


def under_load(server, bodies, replica, replicas, utilisation, options):
    """A row of `compare`, of servers that run."""
    alone = server.alone(bodies, options.repeats)
    mix = dict.fromkeys(bodies, 1.0)
    times = load_model.ServiceTimes(alone)
    of_one = load_model.utilisation(
        load_model.Load(1.0, mix), times, replica, replicas
    )
    load = load_model.Load(utilisation / of_one, mix, options.burstiness)
    count = max(10, round(load.rate * options.seconds))
    requests = load.requests(count, np.random.default_rng(options.seed))
    measured = load_model.percentiles(server.under_load(bodies, requests))
    for size, of_size in server.alone(bodies, options.repeats).items():
        for together, seconds in of_size.items():
            alone[size][together] += seconds
    times = load_model.ServiceTimes(alone)
    simulated = [
        load_model.percentiles(
            load_model.simulate(requests, times, replica, replicas, seed=seed)
        )
        for seed in range(SIMULATIONS)
    ]
    predicted = {
        p: float(np.mean([figures[p] for figures in simulated]))
        for p in measured
    }
    return {
        "replicas": replicas,
        "utilisation": load_model.utilisation(load, times, replica, replicas),
        "rate": load.rate,
        "requests": count,
        "alone": times.mean(load),
        "measured": measured,
        "predicted": predicted,
        "ratio": {p: predicted[p] / measured[p] for p in measured},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_path", type=pathlib.Path)
    parser.add_argument(
        "--sizes", type=measure_server.whole_numbers, default=[64, 128]
    )
    parser.add_argument("--replicas", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--busy", type=float, nargs="+", default=[0.5, 0.8])
    parser.add_argument("--seconds", type=float, default=60, help="of a load")
    parser.add_argument("--repeats", type=int, default=20, help="alone")
    parser.add_argument("--burstiness", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--at-least", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    rows = []
    for replicas in options.replicas:
        for row in compare(options.base_path, replicas, options.busy, options):
            rows.append(row)
            print(in_words(row), flush=True)
    if options.json:
        facts = {"processor": processor(), "rows": rows}
        options.json.write_text(json.dumps(facts, indent=1))


def in_words(row):
    return (
        f"{row['replicas']} replicas, {row['utilisation']:.0%} busy, "
        f"{row['requests']} requests, {row['rate']:.2f}/s, alone "
        f"{row['alone']:.3f} s; "
        + "; ".join(
            f"{p} measured {row['measured'][p]:.3f} s, predicted "
            f"{row['predicted'][p]:.3f} s, ratio {row['ratio'][p]:.2f}"
            for p in row["ratio"]
        )
        + f"; {max(row['memory']) / 2**20:.0f} MiB"
    )


def processor():
    """Name of the processor, as the system tells it."""
    with contextlib.suppress(OSError):
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
