"""The machine and its containers."""

from monitoring.grafana.parts import Dashboard, graph, stat

MOUNTED = 'fstype!~"tmpfs|overlay|squashfs|ramfs"'


def board() -> Dashboard:
    """The machine and its containers."""
    container = 'container_label_com_docker_compose_service!=""'
    name = "container_label_com_docker_compose_service"
    return Dashboard(
        uid="souk-host",
        title="6 Containers and host",
        about="Who uses the machine, and what is left of it.",
        rows=(
            (
                stat(
                    "How busy is the processor?",
                    '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))',
                    "percentunit",
                    bad_above=0.9,
                    decimals=0,
                ),
                stat(
                    "How much memory is left?",
                    "min(node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
                    "percentunit",
                    good_above=0.1,
                    decimals=0,
                ),
                stat(
                    "How much disk is left?",
                    f"min(node_filesystem_avail_bytes{{{MOUNTED}}} / node_filesystem_size_bytes{{{MOUNTED}}})",
                    "percentunit",
                    good_above=0.1,
                    decimals=0,
                ),
                stat(
                    "How long is the run queue?",
                    "max(node_load1) / count(count by (cpu) (node_cpu_seconds_total))",
                    "short",
                    "Load per core.",
                    bad_above=2,
                    decimals=2,
                ),
            ),
            (
                graph(
                    "Who takes the processor?",
                    {
                        f"{{{{{name}}}}}": f"sum by ({name}) (rate(container_cpu_usage_seconds_total{{{container}}}[$__rate_interval]))"
                    },
                    "percentunit",
                    "1 is one core.",
                    stacked=True,
                ),
                graph(
                    "Who is held back?",
                    {
                        f"{{{{{name}}}}}": f"sum by ({name}) (rate(container_cpu_cfs_throttled_seconds_total{{{container}}}[$__rate_interval]))"
                    },
                    "s",
                    "Seconds per second that a container waited at its processor limit.",
                ),
            ),
            (
                graph(
                    "Who takes the memory?",
                    {f"{{{{{name}}}}}": f"sum by ({name}) (container_memory_working_set_bytes{{{container}}})"},
                    "bytes",
                    stacked=True,
                ),
                graph(
                    "Who comes near its limit?",
                    {
                        f"{{{{{name}}}}}": f"max by ({name}) (container_memory_working_set_bytes{{{container}}} / (container_spec_memory_limit_bytes{{{container}}} > 0))"
                    },
                    "percentunit",
                ),
            ),
            (
                graph(
                    "What do the disks do?",
                    {
                        "read {{device}}": "sum by (device) (rate(node_disk_read_bytes_total[$__rate_interval]))",
                        "written {{device}}": "sum by (device) (rate(node_disk_written_bytes_total[$__rate_interval]))",
                    },
                    "Bps",
                ),
                graph(
                    "What goes over the network?",
                    {
                        "in {{device}}": 'sum by (device) (rate(node_network_receive_bytes_total{device!~"lo|veth.*"}[$__rate_interval]))',
                        "out {{device}}": 'sum by (device) (rate(node_network_transmit_bytes_total{device!~"lo|veth.*"}[$__rate_interval]))',
                    },
                    "Bps",
                ),
            ),
        ),
    )
