"""Requests to a running xmr-serve, for serve.sh: in a folder with models and queries. Prints what is wrong."""
import array
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import zipfile

failures = []


def check(condition, what):
    if not condition:
        failures.append(what)
        print(f"serve.py:{sys._getframe(1).f_lineno}: {what}")


def equal(got, expected, what):
    if got != expected:
        failures.append(what)
        print(f"serve.py:{sys._getframe(1).f_lineno}: {what}:\n  expected {expected!r:.600}\n  got      {got!r:.600}")


class Server:
    """A server with some models, which is ended with the block."""

    def __init__(self, *arguments, command=None, ready="listening at ", **more):
        self.process = subprocess.Popen(command or ["xmr-serve", "--port", "0", "-j", "2", *arguments],
                                        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **more)
        self.notes = []
        self.wait_for(ready)
        self.url = re.search(r"http://([^:]*|\[.*\]):(\d+)/", " ".join(self.notes))
        self.port = int(self.url.group(2)) if self.url else None

    def wait_for(self, note, seconds=20):
        end = time.time() + seconds
        while not any(note in line for line in self.notes):
            line = self.process.stderr.readline()
            if not line or time.time() > end:
                raise SystemExit(f"serve.py: no note {note!r}; notes are {self.notes}")
            self.notes.append(line)

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.connect()
        return connection

    def raw(self, sent, wait=True):
        """All bytes that come back on a connection of their own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the answer may come before the end
                plain.sendall(sent)
            if not wait:
                return b""
            received = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := plain.recv(65536):
                    received += piece
            return received

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        self.notes.append(err)
        return out

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.end()
        if kind is None:
            equal(self.process.returncode, 0, "exit code")


def get(connection, path, method="GET", body=None, **headers):
    connection.request(method, path, body, headers)
    reply = connection.getresponse()
    return reply.status, reply.read().decode(), reply


def post(connection, **call):
    return get(connection, "/v1/rank", "POST", json.dumps(call), **{"Content-Type": "application/json"})


def rows_of(body):
    """The JSON lines of the answer to a POST."""
    lines = body.split("\n")
    equal((lines[0], lines[-2:]), ('{"answers":[', ["]}", ""]), "frame of the answers")
    return [line.rstrip(",") if line.endswith("},") else line for line in lines[1:-2]]


def error_code(body):
    error = json.loads(body)["error"]
    check(error["message"] and not error["message"].endswith("."), f"message: {error}")
    return error["code"]


def predict(*arguments, text=None):
    return subprocess.run(["xmr-predict", "-q", *arguments, "--format", "jsonl"], input=text, text=True, check=True,
                          stdout=subprocess.PIPE).stdout.splitlines()


def query(**parameters):
    return urllib.parse.urlencode(parameters, doseq=True)


def expect_answers(connection, call, rows, paths):
    """The same rows come by POST in one request, and by GET one by one."""
    status, body, reply = post(connection, **call)
    equal(status, 200, f"status of {call}: {body}")
    equal(rows_of(body), rows, f"answers to {call}")
    check(float(reply.getheader("Server-Timing").removeprefix("model;dur=")) > 0, "time in the model")
    for number, (path, row) in enumerate(zip(paths, rows)):
        expected = row.replace('{"row":%d' % number, '{"row":0', 1) + "\n"
        status, body, _ = get(connection, path)
        if (status, body) != (200, expected):
            equal((status, body), (200, expected), path)
            break


def features():
    """The rows of X-test.npz as pairs of index and value."""
    archive = zipfile.ZipFile("X-test.npz")

    def member(name, kind):
        content = archive.read(name + ".npy")
        start = 10 + int.from_bytes(content[8:10], "little")
        return array.array(kind, content[start:])

    ends, indices, values = member("indptr", "Q"), member("indices", "I"), member("data", "f")
    return [list(zip(indices[begin:end], values[begin:end])) for begin, end in zip(ends, ends[1:])]


def answers_like_predict():
    queries = open("queries.txt", encoding="utf-8").read().splitlines()
    queries += ["", "kä\u0000se 日本 %41+&=?#", "x" * 2000]
    text = "\n".join(queries) + "\n"
    pairs = ["\t".join(line.split("\t")[:2]) for line in open("valid.tsv", encoding="utf-8")][:60] + ["\t", "\tzzzz", "libc6\tlbig"]
    with Server("-m", "linear.npz", "-m", "bm25.npz", "-m", "typing=complete.npz") as server:
        with contextlib.closing(server.connect()) as connection:
            for model in ("linear", "bm25"):
                for k in (1, 7):
                    expect_answers(connection, {"model": model, "k": k, "queries": queries},
                                   predict("-m", f"{model}.npz", "-k", str(k), text=text),
                                   ["/v1/rank?" + query(model=model, k=k, q=q) for q in queries])
            expect_answers(connection, {"queries": queries, "beam": 2, "min_score": 0.05, "explain": 3},
                           predict("-m", "linear.npz", "--beam", "2", "--min-score", "0.05", "--explain", "3", text=text),
                           ["/v1/rank?" + query(q=q, beam=2, min_score=0.05, explain=3) for q in queries])
            keys = [line.split("\t")[0] for line in open(labels, encoding="utf-8").read().splitlines()]
            for name, chosen in (("allow", keys[::3]), ("deny", keys[::2])):
                with open("chosen.txt", "w", encoding="utf-8") as file:
                    file.write("\n".join(chosen) + "\n")
                for model in ("linear", "bm25"):
                    expect_answers(connection, {"model": model, "queries": queries, name: [*chosen, "no such key"]},
                                   predict("-m", f"{model}.npz", f"--{name}", "chosen.txt", text=text), [])
            expect_answers(connection, {"queries": [{"features": row[::-1]} for row in features()]},
                           predict("-m", "linear.npz", "-x", "X-test.npz"), [])
            for more in ({}, {"typos": 1}, {"source": "popular", "k": 3}, {"unseen": 0}):
                arguments = [word for name, value in more.items() for word in (f"--{name}" if len(name) > 1 else f"-{name}", str(value))]
                split = [pair.split("\t") for pair in pairs]
                expect_answers(connection, {"queries": [{"previous": a, "prefix": b} for a, b in split], **more},
                               predict("-m", "complete.npz", *arguments, text="\n".join(pairs) + "\n"),
                               ["/v1/complete?" + query(previous=a, prefix=b, **more) for a, b in split])
            completed = json.loads(get(connection, "/v1/complete?prefix=lib")[1])["labels"]
            check(completed[0]["matched"] == [[0, 3]], "the typed part is told")
            with open("chosen.txt", "w", encoding="utf-8") as file:
                file.write(completed[0]["key"] + "\n")
            for name in ("allow", "deny"):
                expect_answers(connection, {"queries": [{"prefix": "lib"}], name: [completed[0]["key"]]},
                               predict("-m", "complete.npz", f"--{name}", "chosen.txt", text="\tlib\n"),
                               ["/v1/complete?" + query(**{"prefix": "lib", name: completed[0]["key"]})])
            _, body, _ = get(connection, "/v1/rank?texts=true&k=1&q=" + urllib.parse.quote(queries[0]))
            answer = json.loads(body)["labels"][0]
            texts = dict(line.rstrip("\n").split("\t") for line in open(labels, encoding="utf-8"))
            equal(answer["text"], texts[answer["key"]], "text of a label")


    with Server("-m", "complete.npz", "--block", "chosen.txt") as server, contextlib.closing(server.connect()) as connection:
        expect_answers(connection, {"queries": [{"prefix": "lib"}]},
                       predict("-m", "complete.npz", "--block", "chosen.txt", text="\tlib\n"), ["/v1/complete?prefix=lib"])


def other_routes():
    with Server("-m", "linear.npz", "-m", "bm25.npz") as server, contextlib.closing(server.connect()) as connection:
        status, body, _ = get(connection, "/v1/models")
        cards = json.loads(body)["models"]
        equal([(card["name"], card["kind"], card["labels"]) for card in cards],
              [("linear", "xr-linear", cards[0]["labels"]), ("bm25", "bm25", cards[0]["labels"])], "cards")
        equal(get(connection, "/healthz")[:2], (200, '{"status":"ok"}\n'), "health")
        equal(get(connection, "/readyz")[:2], (200, '{"status":"ready"}\n'), "readiness")
        for _ in range(3):
            get(connection, "/v1/rank?q=x&model=bm25")
        status, body, _ = get(connection, "/metrics")
        for line in body.splitlines():
            check(re.fullmatch(r'# (HELP|TYPE) \S+ .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+', line), f"metrics: {line}")
        for line in ('xmr_requests_total{route="GET /v1/rank",code="200"} 3', 'xmr_queries_total{model="bm25"} 3',
                     'xmr_request_seconds_count{route="GET /v1/rank"} 3', "xmr_connections 1"):
            check(line in body.splitlines(), f"metrics lack {line}")
        status, body, _ = get(connection, "/openapi.json")
        document = json.loads(body)
        equal(sorted(document["paths"]), ["/healthz", "/metrics", "/openapi.json", "/readyz", "/v1/complete", "/v1/models",
                                          "/v1/rank"], "paths of openapi.json")
        status, body, reply = get(connection, "/")
        check(status == 200 and body.lstrip().startswith("<!doctype html>"), "page")
        check("default-src 'none'" in reply.getheader("Content-Security-Policy"), "policy of the page")
        for file in re.findall(r'(?:href|src)="(/[^"]*)"', body):
            equal(get(connection, file)[0], 200, file)
        check(not re.search(r"https?://", body), "the page names another host")
        status, body, reply = get(connection, "/v1/rank?q=x", "HEAD")
        check(status == 200 and body == "" and int(reply.getheader("Content-Length")) > 20, "HEAD")


def refuses():
    with Server("-m", "linear.npz", "-m", "bm25.npz", "-m", "complete.npz", "--max-queries", "5", "--max-answers", "50",
                "--max-list", "3") as server, contextlib.closing(server.connect()) as connection:
        for path, status, code in [
            ("/nothing", 404, "unknown_path"), ("/v1/rank/", 404, "unknown_path"), ("/../etc/passwd", 404, "unknown_path"),
            ("/%2e%2e/%2e%2e/etc/passwd", 404, "unknown_path"), ("/%76%31/rank?q=x", 404, "unknown_path"),
            ("/v1/rank?q=x&model=none", 404, "unknown_model"), ("/v1/rank", 400, "bad_parameter"),
            ("/v1/rank?q=x&k=0", 400, "bad_parameter"), ("/v1/rank?q=x&k=51", 400, "bad_parameter"),
            ("/v1/rank?q=x&k=-1", 400, "bad_parameter"), ("/v1/rank?q=x&k=1.5", 400, "bad_parameter"),
            ("/v1/rank?q=x&k=99999999999999999999", 400, "bad_parameter"), ("/v1/rank?q=x&k=", 400, "bad_parameter"),
            ("/v1/rank?q=x&k=3%00", 400, "bad_parameter"), ("/v1/rank?q=%zz", 400, "bad_parameter"),
            ("/v1/rank?q=%4", 400, "bad_parameter"), ("/v1/rank?q=x&q=y", 400, "bad_parameter"),
            ("/v1/rank?q=x&no=1", 400, "bad_parameter"), ("/v1/rank?q=x&min_score=nan", 400, "bad_parameter"),
            ("/v1/rank?q=x&texts=yes", 400, "bad_parameter"), ("/v1/rank?q=x&allow=none", 400, "bad_parameter"),
            ("/v1/rank?q=x&" + "&".join(f"deny={i}" for i in range(4)), 400, "bad_parameter"),
            ("/v1/rank?q=x&source=all", 400, "bad_parameter"), ("/v1/complete?q=x", 400, "bad_parameter"),
            ("/v1/rank?q=x&model=bm25&beam=3", 422, "unsupported"), ("/v1/rank?q=x&model=bm25&explain=true", 422, "unsupported"),
            ("/v1/rank?q=x&typos=1", 422, "unsupported"), ("/v1/complete?prefix=x&model=linear", 422, "unsupported"),
            ("/v1/rank?q=x&model=complete", 422, "unsupported"), ("/v1/complete?prefix=x&category=none", 422, "unsupported"),
            ("/v1/rank?q=x&boost=a=2", 422, "unsupported"), ("/v1/complete?prefix=x&boost=a", 400, "bad_parameter"),
        ]:
            got = get(connection, path)
            equal((got[0], error_code(got[1])), (status, code), path)
        for path, methods in (("/v1/rank", "GET, POST"), ("/v1/models", "GET"), ("/", "GET")):
            for method in ("DELETE", "PUT", "OPTIONS", "PROPFIND"):
                status, body, reply = get(connection, path, method)
                equal((status, error_code(body), reply.getheader("Allow")), (405, "unknown_method", methods), f"{method} {path}")
        for body, code in [
            ("", "bad_body"), ("{", "bad_body"), ("[]", "bad_body"), ("{}", "bad_body"), ('{"queries":[]}', "bad_body"),
            ('{"queries":["a","a","a","a","a","a"]}', "bad_body"), ('{"queries":[1]}', "bad_body"), ('{"queries":[{}]}', "bad_body"),
            ('{"queries":["\\ud800"]}', "bad_body"), ('{"queries":["a"],"k":"3"}', "bad_parameter"),
            ('{"queries":["a"],"k":51}', "bad_parameter"), ('{"queries":["a"],"k":1e400}', "bad_body"),
            ('{"queries":["a"],"x":1}', "bad_parameter"), ('{"queries":["a"],"allow":["a",1]}', "bad_parameter"),
            ('{"queries":[{"features":[[0]]}]}', "bad_body"), ('{"queries":[{"features":[[0,1],[0,2]]}]}', "bad_body"),
            ('{"queries":[{"features":[[99999999,1]]}]}', "bad_body"), ('{"queries":[{"features":[[0,1e300]]}]}', "bad_body"),
            ('{"queries":[{"features":[[-1,1]]}]}', "bad_body"), ('{"queries":[{"features":[[0,1]],"text":"a"}]}', "bad_body"),
            ('{"queries":[{"features":[[0,0.5]]}],"model":"bm25"}', "bad_body"), ("[" * 100000, "bad_body"),
            ('{"queries":' * 50 + "1" + "}" * 50, "bad_body"), ('{"queries":["a\udcff"]}', "bad_body"),
        ]:
            raw = body.encode("utf-8", "surrogateescape")
            got = get(connection, "/v1/rank", "POST", raw, **{"Content-Type": "application/json; charset=utf-8"})
            equal((got[0], error_code(got[1])), (400, code), body[:60])
        got = get(connection, "/v1/rank", "POST", '{"queries":["a"]}', **{"Content-Type": "text/plain"})
        equal((got[0], error_code(got[1])), (415, "unknown_media_type"), "content type")
        got = get(connection, "/v1/rank?k=3", "POST", '{"queries":["a"]}', **{"Content-Type": "application/json"})
        equal((got[0], error_code(got[1])), (400, "bad_parameter"), "POST with parameters in the URL")
        equal(get(connection, "/healthz")[0], 200, "the connection is still in use")


def limits_of_size():
    with Server("-m", "linear.npz", "--max-body", "2000", "--max-url", "300", "--max-headers", "1000") as server:
        connection = server.connect()
        got = get(connection, "/v1/rank?q=" + "x" * 290)
        equal((got[0], error_code(got[1])), (414, "long_url"), "long URL")
        connection = server.connect()
        got = get(connection, "/v1/rank?q=x", **{"X-Long": "y" * 1000})
        equal((got[0], error_code(got[1])), (431, "large_headers"), "large headers")
        connection = server.connect()
        body = b'{"queries":["' + b"x" * 2000 + b'"]}'
        got = get(connection, "/v1/rank", "POST", body, **{"Content-Type": "application/json"})
        equal((got[0], error_code(got[1])), (413, "large_body"), "large body")
        connection = server.connect()
        connection.request("POST", "/v1/rank", iter([body[:1000], body[1000:]]),
                           {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, encode_chunked=True)
        reply = connection.getresponse()
        equal((reply.status, error_code(reply.read())), (413, "large_body"), "large body in chunks")
        for sent in (b"GET /" + b"x" * 100000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100000 + b"\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 1000000):
            answer = server.raw(sent)
            check(answer == b"" or re.match(rb"HTTP/1\.1 4(00|13|14|31) ", answer), f"{sent[:40]}: {answer[:100]}")


def hostile_bytes():
    with Server("-m", "linear.npz") as server:
        rank = b'{"queries":["a"]}'
        head = b"POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
        for sent, status in [
            (head + b"Content-Length: 17\r\nContent-Length: 17\r\n\r\n" + rank, 400),
            (head + b"Content-Length: 17\r\nContent-Length: 2\r\n\r\n" + rank, 400),
            (head + b"Content-Length: 17\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n" + rank + b"\r\n0\r\n\r\n", 400),
            (head + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n" + rank + b"\r\n0\r\n\r\n", 400),
            (head + b"Content-Length: x\r\n\r\n" + rank, 400), (head + b"Content-Length: -1\r\n\r\n" + rank, 400),
            (head + b"Content-Length: 99999999999999999999999\r\n\r\n" + rank, 413),
            (head + b"Content-Length: 17\r\n\r\n" + rank, 200),
            (head + b"Transfer-Encoding: chunked\r\n\r\n11\r\n" + rank + b"\r\n0\r\n\r\n", 200),
            (head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + rank, 400),
            (b"GET /healthz HTTP/1.1\r\n\r\n", 400), (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
            (b"GET /healthz HTTP/1.0\r\n\r\n", 200), (b"GET\r\n\r\n", 400), (b"\x16\x03\x01\x02\x00\x01\x00\xfc\x03\x03\r\n\r\n", 400),
            (b"GET /healthz?\x00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),  # read up to the NUL
            (b"GET /v1/rank?q=\xff\xfe HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
            (b"GET /v1/rank?q=%ff%00%0a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200),
        ]:
            answer = server.raw(sent)
            got = re.match(rb"HTTP/1\.1 (\d+) ", answer)
            allowed = (b"", str(status).encode()) if status == 400 else (str(status).encode(),)
            check((got.group(1) if got else answer) in allowed, f"{sent!r:.120}: expected {status}, got {answer[:100]}")
        # Pipelining: three answers in order on one connection.
        one = b"GET /v1/rank?q=game&k=%d HTTP/1.1\r\nHost: a\r\n\r\n"
        answer = server.raw(one % 1 + one % 2 + (one % 3).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        equal([len(json.loads(line)["labels"]) for line in answer.splitlines() if line.startswith(b"{")], [1, 2, 3], "pipelining")
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            plain.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: plain.recv(4096), b""))
            check(answer.startswith(b"HTTP/1.1 200 "), "a client that has closed its side is answered, and the connection ends")
        equal(get(server.connect(), "/healthz")[0], 200, "the server is alive")


def limits_of_clients():
    with Server("-m", "linear.npz", "--max-connections", "8", "--max-connections-per-address", "6", "--request-seconds", "1",
                "--idle-seconds", "2") as server:
        held = [server.connect() for _ in range(6)]
        equal(get(held[5], "/healthz")[0], 200, "connection within the limit")
        answer = server.raw(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        check(answer.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 1" in answer, f"limit of an address: {answer[:200]}")
        equal(error_code(answer.split(b"\r\n\r\n")[1]), "overloaded", "code beyond the limit")
        # A client that sends a byte now and then is ended in time, also one whose body does not come.
        start = time.time()
        for connection, sent in ((held[0], b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: "),
                                 (held[1], b"POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")):
            connection.sock.sendall(sent)
        late = b""
        with contextlib.suppress(ConnectionError):
            while time.time() < start + 5 and not late:
                held[0].sock.sendall(b"y")
                held[0].sock.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    late = held[0].sock.recv(4096) or b"closed"
        check(time.time() - start < 3, f"a slow client was not ended: {time.time() - start:.1f} s")
        check(late == b"closed" or late.startswith(b"HTTP/1.1 408 "), f"slow client: {late[:100]}")
        answer = held[1].sock.recv(4096)
        check(answer == b"" or answer.startswith(b"HTTP/1.1 408 "), f"slow body: {answer[:100]}")
        time.sleep(2.7)
        equal(held[5].sock.recv(10), b"", "an idle connection is closed")
        _, body, _ = get(server.connect(), "/metrics")
        check('xmr_connections_refused_total{limit="address"} 1' in body, "refused connections are counted")
        check(re.search(r"xmr_connections_timed_out_total [5-7]\n", body), "slow connections are counted")


def reloads():
    shutil.copy("linear.npz", "served.npz")
    lines = {name: predict("-m", name, text="chess game\n")[0] + "\n" for name in ("linear.npz", "other.npz")}
    check(lines["linear.npz"] != lines["other.npz"], "the models differ")
    path = "/v1/rank?q=chess+game"
    with Server("-m", "served.npz") as server, contextlib.closing(server.connect()) as connection:
        equal(get(connection, path)[1], lines["linear.npz"], "before the reload")
        version = get(connection, path)[2].getheader("Model-Version")
        shutil.copy("other.npz", "new.npz")
        os.rename("new.npz", "served.npz")
        end = time.time() + 10
        while (body := get(connection, path)[1]) != lines["other.npz"] and time.time() < end:
            equal(body, lines["linear.npz"], "during the reload")
        equal(body, lines["other.npz"], "after the reload")
        check(get(connection, path)[2].getheader("Model-Version") != version, "the version changes")
        server.wait_for("served.npz: reloaded")
        with open("new.npz", "wb") as file:
            file.write(open("linear.npz", "rb").read()[:-1000] + b"\0" * 1000)
        os.rename("new.npz", "served.npz")
        server.wait_for("the model 'served' that was open stays")
        equal(get(connection, path)[1], lines["other.npz"], "a bad file leaves the old model")
        os.remove("served.npz")
        server.wait_for("served.npz: cannot look at")
        shutil.copy("linear.npz", "new.npz")
        os.rename("new.npz", "served.npz")
        server.notes.clear()
        server.wait_for("served.npz: reloaded")
        equal(get(connection, path)[1], lines["linear.npz"], "a good file is taken again")
        server.notes.clear()
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("served.npz: reloaded")
        _, body, _ = get(connection, "/metrics")
        check('xmr_model_reloads_total{model="served",result="ok"} 3' in body, "good reloads are counted")
        check('xmr_model_reloads_total{model="served",result="failed"} 2' in body, "failed reloads are counted")


def ends():
    # A request that has begun is answered after SIGTERM; then the server ends with 0.
    with Server("-m", "linear.npz") as server:
        connection, idle = server.connect(), server.connect()
        body = b'{"queries":["a"]}'
        connection.sock.sendall(b"POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body))
        equal(get(idle, "/healthz")[0], 200, "idle connection")
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("draining")
        equal(idle.sock.recv(10), b"", "idle connections are closed")
        connection.sock.sendall(body)
        answer = connection.sock.recv(65536)
        check(answer.startswith(b"HTTP/1.1 200 ") and b"Connection: close" in answer, f"request during the drain: {answer[:200]}")
        server.process.wait(10)
    # A client that never sends its body is cut after --drain-seconds.
    with Server("-m", "linear.npz", "--drain-seconds", "1", "--request-seconds", "60") as server:
        connection = server.connect()
        connection.sock.sendall(b"POST /v1/rank HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        time.sleep(0.3)
        start = time.time()
        server.end()
        check(0.5 < time.time() - start < 4, f"drained in {time.time() - start:.1f} s")
        check("connections that were cut: 1" in server.notes[-1], f"notes: {server.notes[-1]}")


def logs():
    with Server("-m", "linear.npz", "--log", "log.jsonl") as server:
        get(server.connect(), "/v1/rank?q=secret")
        get(server.connect(), "/secret")
        post(server.connect(), queries=["secret"])
    lines = open("log.jsonl", encoding="utf-8").read()
    check("secret" not in lines, "the log has the text of a query")
    entries = [json.loads(line) for line in lines.splitlines()]
    equal(sorted((entry["route"], entry["code"]) for entry in entries),
          [("GET /v1/rank", 200), ("POST /v1/rank", 200), ("other", 404)], "log")
    check(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"]) for entry in entries), "time in the log")
    with Server("-m", "linear.npz", "--log-queries") as server:
        get(server.connect(), "/v1/rank?q=secret")
        post(server.connect(), queries=["secret\n"])
        entries = [json.loads(line) for line in server.end().splitlines()]
    equal([entry["request"] for entry in entries], ["/v1/rank?q=secret", "/v1/rank"], "log with queries")
    equal(json.loads(entries[1]["body"]), {"queries": ["secret\n"]}, "log with queries")


def stuck_log():
    # Nobody reads the log: requests are answered, and the server ends.
    with Server("-m", "linear.npz", "--log-queries") as server, contextlib.closing(server.connect()) as connection:
        for _ in range(150):
            equal(get(connection, "/v1/rank?q=" + "x" * 4000)[0], 200, "request with a log that nobody reads")
        time.sleep(1.5)
        _, body, _ = get(connection, "/metrics")
        check(int(re.search(r"xmr_log_lines_lost_total (\d+)", body).group(1)) > 0, "lost lines are counted")
        server.process.terminate()
        server.process.wait(10)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def other_sockets():
    expected = predict("-m", "linear.npz", text="chess\n")[0] + "\n"
    command = ["xmr-serve", "-m", "linear.npz", "--unix", "serve.sock"]
    with Server(command=command, ready="listening at unix:serve.sock") as server:
        equal(get(UnixConnection("serve.sock"), "/v1/rank?q=chess")[1], expected, "Unix socket")
        second = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        equal((second.returncode, second.stderr), (1, "xmr-serve: error: serve.sock: cannot listen: Address already in use\n"),
              "a Unix socket in use")
        server.process.kill()
        server.process.wait()
        server.process.returncode = 0
    with Server(command=command, ready="listening at unix:serve.sock"):
        equal(get(UnixConnection("serve.sock"), "/v1/rank?q=chess")[1], expected, "Unix socket of a killed server")
    check(not os.path.exists("serve.sock"), "the Unix socket is removed")
    # As systemd does: the socket is descriptor 3.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        shell = f"exec 3<&{listener.fileno()}; LISTEN_PID=$$ LISTEN_FDS=1 exec xmr-serve -m linear.npz"
        with Server(command=["sh", "-c", shell], pass_fds=[listener.fileno()]) as server:
            equal(server.port, port, "port of systemd")
            equal(get(server.connect(), "/v1/rank?q=chess")[1], expected, "socket of systemd")


labels = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data/debian-tags/labels.txt")
for test in (answers_like_predict, other_routes, refuses, limits_of_size, hostile_bytes, limits_of_clients, reloads, ends, logs,
             stuck_log, other_sockets):
    test()
sys.exit(bool(failures))
