"""Latency of stand-in servers behind nginx, measured and predicted.

    python -m tests.serving.behind_nginx saved_models/anime/anime --json a.json
    python -m tests.serving.behind_nginx FOLDER/NAME --at-least 0.2 --threads 1
    python -m tests.serving.behind_nginx --sleep 0.2 --threads 1

starts one and then two stand-ins behind nginx, sends them requests at moments
of chance, and predicts from the seconds of requests that were alone, in the
same minutes, how long the same requests take at the same moments. With
`--at-least` a stand-in takes so long for every request and shares the
processor with nobody, as one on a machine of its own; without it each has one
core and works. With `--sleep` the replicas do nothing but that: what is left
are the arrivals, nginx and the queues, which a busy machine hardly disturbs.
"""

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np
from PIL import Image

from tests.serving.process import ROOT, running_server

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


class Sleeper(http.server.ThreadingHTTPServer):
    """Answers every request after some seconds, so many at once.

    Args:
        seconds: that a request takes.
        threads: requests at once; the others wait in order.
    """

    request_queue_size = 1024
    daemon_threads = True

    def __init__(self, seconds, threads):
        super().__init__(("127.0.0.1", 0), SleepersHandler)
        self.seconds, self.slots = seconds, threading.Semaphore(threads)
        self.rest = self.server_port

    def memory(self):
        return 0


class SleepersHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._answer()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.slots:
            time.sleep(self.server.seconds)
        self._answer()

    def _answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


@contextlib.contextmanager
def sleeper(seconds, threads):
    """Within it a `Sleeper` answers."""
    with Sleeper(seconds, threads) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def replica_of(number, options):
    """A context within which a replica answers."""
    if options.sleep:
        return sleeper(options.sleep, options.threads)
    cores = sorted(os.sched_getaffinity(0))
    core = None if options.at_least else cores[number % len(cores)]
    flags = ["--threads", options.threads, "--at-least", options.at_least]
    path = options.base_path
    return running_server(path, path.name, flags, core)


def compare(replicas, busy, options):
    """Rows: what is measured, what is predicted, and their ratios.

    Args:
        replicas: number of servers.
        busy: list of utilisations.
        options: see `main`.
    """
    waits = options.sleep or options.at_least
    replica = load_model.Replica(
        slots=options.threads, lanes=options.threads if waits else 1
    )
    with contextlib.ExitStack() as stack:
        servers = [
            stack.enter_context(replica_of(number, options))
            for number in range(replicas)
        ]
        url = stack.enter_context(nginx_before([s.rest for s in servers]))
        name = options.base_path.name if options.base_path else "sleeper"
        server = measure_server.Server(url, name)
        bodies = bodies_of(options.sizes)
        server.alone(bodies, 2 * replicas)  # threads start, pools fill
        for utilisation in busy:
            row = under_load(
                server, bodies, replica, replicas, utilisation, options
            )
            yield row | {"memory": [each.memory() for each in servers]}


def bodies_of(sizes):
    """As of `measure_server`, of a drawn picture."""
    side = np.linspace(0, 255, max(sizes), dtype="uint8")
    red, green = np.meshgrid(side, side)
    picture = np.stack([red, green, 255 - red], axis=-1)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "picture.png")
        Image.fromarray(picture).save(path)
        return measure_server.bodies_of(path, sizes)


def under_load(server, bodies, replica, replicas, utilisation, options):
    """A row of `compare`, of servers that run."""
    alone = server.alone(bodies, options.repeats)
    away = server.away(options.repeats)
    mix = dict.fromkeys(bodies, 1.0)
    times = load_model.ServiceTimes(alone, away)
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
    away += server.away(options.repeats)
    times = load_model.ServiceTimes(alone, away)
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
        "alone": times.away + times.mean(load),
        "away": times.away,
        "measured": measured,
        "predicted": predicted,
        "ratio": {p: predicted[p] / measured[p] for p in measured},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_path", type=pathlib.Path, nargs="?")
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
    parser.add_argument("--sleep", type=float, help="instead of a model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if (options.base_path is None) == (options.sleep is None):
        parser.error("Give either the folder of a model's versions or --sleep.")
    rows = []
    for replicas in options.replicas:
        for row in compare(replicas, options.busy, options):
            rows.append(row)
            print(in_words(row), flush=True)
    if options.json:
        facts = {"processor": processor(), "rows": rows}
        options.json.write_text(json.dumps(facts, indent=1))


def in_words(row):
    return (
        f"{row['replicas']} replicas, {row['utilisation']:.0%} busy, "
        f"{row['requests']} requests, {row['rate']:.2f}/s, alone "
        f"{row['alone']:.3f} s, {row['away']:.3f} s of it away; "
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
