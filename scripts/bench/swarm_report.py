"""What a run of bench-swarm has to say, in Markdown."""

import statistics

import measure


def bound(size, rate, receivers):
    """No way to spread a file is faster: the source sends each byte once, each receiver takes each byte, and all bytes
    that arrive were sent by somebody. All links are alike here."""
    return max(size / rate, receivers * size / (rate + receivers * rate))


def percentile(values, share):
    """Between the two nearest values."""
    values, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def report(figures, options, size, rate):
    print(f"\n{measure.machine()}.\n{options.size} MiB, links of {options.rate:g} Mbit/s each way, {options.congestion}, "
          f"median of {options.runs} runs. One curl alone: {rate / 1e6:.2f} MB/s, "
          f"{rate * 8e-4 / options.rate:.1f} % of the link. Before the start the machine was {options.others:.0f} % busy.\n")
    rows = []
    for (receivers, name), its in figures.items():
        if not its.runs:
            continue
        limit, times = bound(size, rate, receivers), [time for run in its.runs for time in run["times"]]
        low, high = its.spread("seconds")
        rows.append([
            receivers, name, f"{its.median('seconds'):.2f}", f"{low:.2f}–{high:.2f}", f"{its.median('seconds') / limit:.3f}",
            f"{percentile(times, 0.5):.2f}", f"{percentile(times, 0.99):.2f}", f"{its.median('copies'):.2f}",
            f"{its.median('wire'):.2f}", f"{its.median('cpu'):.2f}",
            f"{its.median('busy'):.0f} %"])
    print(measure.table(["N", "contender", "seconds", "lowest–highest", "÷ bound", "p50 s", "p99 s", "copies from the source",
                         "on the wire", "CPU s of all", "machine busy"], rows))
    for (receivers, name), its in figures.items():
        if its.problem:
            print(f"\nLeft out: {name}, N = {receivers}: {its.problem}")
    limits = ", ".join(f"{bound(size, rate, n):.2f} s for N = {n}" for n in options.hosts)
    served = ", ".join(f"{n * size / rate:.2f} s for N = {n}" for n in options.hosts)
    print(f"\nThe bound: {limits}. Of a server alone: {served}.")
    reach(figures, size, rate)


def reach(figures, size, rate):
    print("\nReach:")
    for (receivers, name), its in figures.items():
        if not its.runs or not name.startswith("duplex"):
            continue
        ratio = its.median("seconds") / bound(size, rate, receivers)
        wanted = 1.10 if name == "duplex" else 1.25
        line = f"- N = {receivers}, {name}: {ratio:.3f} times the bound; wanted {wanted:.2f}"
        if name == "duplex":
            if receivers >= 4:
                line += f"; {its.median('copies'):.2f} copies from the source; wanted 1.15 at most"
            if receivers == 16:
                line += f"; {its.median('cpu'):.1f} CPU s; wanted 8 at most"
            rival = next((other for (n, rivals), other in figures.items()
                          if n == receivers and other.runs and rivals.startswith("libtorrent")), None)
            if rival:
                line += f"; {rival.median('seconds') / its.median('seconds'):.2f} times as fast as {rival.name}"
        print(line)
