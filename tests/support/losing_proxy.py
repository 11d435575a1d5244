"""Forwards HTTP requests to a server, and loses answers when it is told: the request is carried out, nobody hears of it.

    with LosingProxy(rt.url) as proxy:
        proxy.lose("POST", "/REST/2.0/ticket", 2)     # the answers to the next two such requests
        proxy.url
        proxy.seen                                    # (method, path) of every request
"""

import collections
import http.client
import http.server
import sys
import threading
import urllib.parse

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # Who asked may have been killed meanwhile.
            super().handle_error(request, client_address)


class LosingProxy:
    def __init__(self, target: str):
        self._target = urllib.parse.urlsplit(target).netloc
        self._lose: collections.Counter[tuple[str, str]] = collections.Counter()
        self.seen: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
                connection = http.client.HTTPConnection(proxy._target, timeout=60)
                try:
                    connection.request(self.command, self.path, body, headers)
                    answer = connection.getresponse()
                    said = answer.read()
                finally:
                    connection.close()
                path = self.path.partition("?")[0]
                with proxy._lock:
                    proxy.seen.append((self.command, path))
                    lost = proxy._lose[self.command, path] > 0
                    proxy._lose[self.command, path] -= lost
                if lost:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PUT = _forward

            def log_message(self, *_):
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def lose(self, method: str, path: str, times: int = 1) -> None:
        with self._lock:
            self._lose[method, path] += times

    def __enter__(self) -> "LosingProxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()
