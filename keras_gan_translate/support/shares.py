"""Several hosts, each of which has a share of every batch."""

import contextlib

_share = 0, 1  # number of this process, and of all


@contextlib.contextmanager
def shared(index, count):
    """Within it data sets give the share that one of several processes has.

    Args:
        index: Number of the process, from 0.
        count: Number of processes; 1 gives whole batches.
    """
    global _share
    before, _share = _share, (index, count)
    try:
        yield
    finally:
        _share = before


def is_shared():
    """Whether batches are this process's share only."""
    return _share[1] > 1


def own_share(positions):
    """Of a batch's positions those that this process reads."""
    index, count = _share
    size = len(positions) // count
    return positions[index * size :][:size]


def check_hosts(count, hosts, host_index, coordinator):
    """Says what is wrong with arguments of `devices`, without looking around.

    Args:
        count: as of `devices`, as are the others.
        hosts: number of hosts.
        host_index: number of this one.
        coordinator: where the others find host 0.

    Raises:
        ValueError: they contradict each other.
    """
    if count is not None and count < 1:
        raise ValueError(f"Devices are 1 or more, received {count}.")
    if not 0 <= host_index < hosts:
        raise ValueError(
            f"{hosts} hosts have the numbers 0 to {hosts - 1}. Received: "
            f"{host_index}."
        )
    if hosts > 1:
        host, _, port = (coordinator or "").rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(
                f"{hosts} hosts need the coordinator, HOST:PORT of host 0, "
                f"such as 10.0.0.7:9876. Received: {coordinator!r}."
            )
