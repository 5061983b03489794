#!/usr/bin/python3
"""Sends hostile requests to xmr-serve: requests.py FOLDER OF THE TOOLS [SECONDS]

Requests with changed, missing, doubled and moved bytes, in one piece and in several; 1,000 connections that send a byte now and
then; bodies, headers and URLs around each limit. Every answer must have a documented code, and JSON where xmr-serve writes it; the
server must not crash, take more and more memory, keep descriptors or make others wait. A build with sanitizers finds more.
"""
import json
import os
import pathlib
import random
import re
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "tests/fuzz/corpus/model"
CODES = {200, 400, 404, 405, 408, 411, 413, 414, 415, 422, 431, 501, 503, 505}  # 501 and 505 come from libmicrohttpd
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /v1/rank HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + JSON


def seeds():
    bodies = [b'{"queries":["kettle",{"features":[[0,1],[2,0.5]]}],"k":3,"allow":["iron"],"explain":true,"model":"a"}',
              b'{"model":"c","queries":[{"previous":"a","prefix":"k\\u00e4"}],"typos":0}', b"[" * 300, b'{"queries":["\xff"]}']
    for body in bodies:
        yield POST + b"Content-Length: %d\r\n\r\n" % len(body) + body
        yield POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
        yield POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    for target in (b"/v1/rank?q=desk+lamp&k=2&explain=2&texts=true", b"/v1/complete?previous=a&prefix=%6b&typos=1", b"/metrics",
                   b"/", b"/openapi.json", b"/v1/models", b"/../../etc/passwd", b"/v1/rank?q=%00%ff%", b"*", b"http://a/healthz"):
        yield b"GET " + target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        yield b"HEAD " + target + b" HTTP/1.0\r\n\r\n"


def changed(random_, seed, others):
    data = bytearray(seed)
    for _ in range(random_.randint(0, 4)):
        at, kind = random_.randrange(len(data) + 1), random_.randrange(7)
        if kind == 0 and at < len(data):
            data[at] = random_.randrange(256)
        elif kind == 1:
            del data[at:at + random_.randint(1, 12)]
        elif kind == 2:
            data[at:at] = bytes(random_.choices(b"\r\n :\0\xff%/?&=\"{}[],0129", k=random_.randint(1, 9)))
        elif kind == 3:
            data[at:at] = data[at:at + random_.randint(1, 60)] * random_.randint(1, 3)
        elif kind == 4:
            other = random_.choice(others)
            data[at:] = other[random_.randrange(len(other)):]
        elif kind == 5:
            data[at:at] = random_.choice([b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b"\r\n\r\n",
                                          b"X: " + b"y" * random_.choice([10, 8000, 16000, 70000]) + b"\r\n"])
        else:
            data += random_.choice(others)  # a second request behind the first one
    return bytes(data) or b"\0"


class Attack:
    def __init__(self, port):
        self.port, self.lock = port, threading.Lock()
        self.requests, self.codes, self.faults = 0, {}, []

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def fault(self, what):
        with self.lock:
            if len(self.faults) < 20:
                self.faults.append(what)

    def send(self, random_, data):
        """Reads until the server closes, or waits for more of the request."""
        received = b""
        try:
            with self.connect() as plain:
                for cut in [data] if random_.random() < 0.7 else [data[:len(data) // 2], data[len(data) // 2:]]:
                    plain.sendall(cut)
                plain.settimeout(0.05)
                while piece := plain.recv(1 << 16):
                    received += piece
        except (TimeoutError, ConnectionError):
            pass  # the server may close before it has read everything
        self.look_at(data, received)

    def look_at(self, data, received):
        with self.lock:
            self.requests += 1
        for code, head, body in re.findall(rb"HTTP/1\.1 (\d\d\d) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n(\{\"error.*\n)?", received):
            code = int(code)
            with self.lock:
                self.codes[code] = self.codes.get(code, 0) + 1
            if code not in CODES and code != 100:
                self.fault(f"code {code}: {data!r:.300} {received!r:.300}")
            if body:
                json.loads(body)
            elif code >= 400 and b"application/json" in head and not data.startswith(b"HEAD"):
                length = re.search(rb"Content-Length: (\d+)", head)
                if not length:
                    self.fault(f"no length: {head!r:.200}")

    def fuzz(self, seed, end):
        random_, others = random.Random(seed), list(seeds())
        while time.time() < end:
            self.send(random_, changed(random_, random_.choice(others), others))

    def crawl(self, connections, end):
        """Connections that send a byte of a request now and then; meanwhile a good client is served."""
        held = []
        for _ in range(connections):
            held.append(self.connect())
            held[-1].sendall(b"GET /v1/rank?q=a HTTP/1.1\r\nHost: a\r\nX-")
        worst = 0.0
        while time.time() < end:
            for plain in held[::50]:
                try:
                    plain.sendall(b"y")
                except OSError:
                    pass
            start = time.time()
            with self.connect() as plain:
                plain.sendall(b"GET /v1/rank?model=a&q=kettle HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                if not plain.recv(4096).startswith(b"HTTP/1.1 200 "):
                    self.fault("a good client was not served beside slow ones")
            worst = max(worst, time.time() - start)
            time.sleep(0.05)
        for plain in held:
            plain.close()
        return worst


def memory(process):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text()).group(1)) // 1024


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def main():
    tools, seconds = pathlib.Path(sys.argv[1]).resolve(), float(sys.argv[2]) if len(sys.argv) > 2 else 60
    process = subprocess.Popen([tools / "xmr-serve", "-m", f"a={MODELS}/linear_npz", "-m", f"b={MODELS}/bm25_npz", "-m",
                                f"c={MODELS}/completion_npz", "--port", "0", "-j", "2", "--max-connections", "4000",
                                "--max-connections-per-address", "4000", "--request-seconds", "5", "--log", "/dev/null"],
                               stderr=subprocess.PIPE, text=True,
                               env={"ASAN_OPTIONS": "quarantine_size_mb=8", **os.environ})
    attack = Attack(int(re.search(r":(\d+)/", process.stderr.readline()).group(1)))
    worst = attack.crawl(1000, time.time() + 4)
    attack.fuzz(0, time.time() + seconds / 10)  # what a server of this age needs
    before, open_before = memory(process), descriptors(process)
    end = time.time() + seconds
    threads = [threading.Thread(target=attack.fuzz, args=(seed, end)) for seed in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.5)
    after, open_after = memory(process), descriptors(process)
    if after > before * 1.2 + 20:
        attack.fault(f"memory grew from {before} to {after} MiB")
    if open_after > open_before + 8:
        attack.fault(f"descriptors grew from {open_before} to {open_after}")
    process.terminate()
    _, err = process.communicate(timeout=60)
    if process.returncode != 0:
        attack.fault(f"exit code {process.returncode}: {err[-3000:]}")
    print(f"requests\t{attack.requests}\ncodes\t{dict(sorted(attack.codes.items()))}\nmemory\t{before} to {after} MiB\n"
          f"descriptors\t{open_before} to {open_after}\nslowest answer beside 1,000 slow clients\t{worst * 1000:.0f} ms")
    for fault in attack.faults:
        print("FAULT", fault)
    sys.exit(bool(attack.faults))


main()
