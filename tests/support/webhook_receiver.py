"""A receiver of webhooks that verifies each request with the code of the Standard Webhooks project, not ours.

    with WebhookReceiver() as receiver:
        receiver.plan = [(503, {"Retry-After": "1"}), (302, {"Location": "http://…"})]    # then 204
        receiver.url, receiver.secret
        receiver.requests        # every one that verified, in order
        receiver.refused         # what did not verify: why
"""

import base64
import http.server
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from support.kafka_artifacts import cache_folder, locked

STANDARD_WEBHOOKS = "1.1.0"


def _library():
    """The project's own library, fetched once for every clone; whole, or not at all."""
    folder = cache_folder() / f"standardwebhooks-{STANDARD_WEBHOOKS}"
    with locked(cache_folder() / "standardwebhooks.lock"):
        if not (folder / "standardwebhooks").is_dir():
            package = f"standardwebhooks=={STANDARD_WEBHOOKS}"
            with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".standardwebhooks-") as scratch:
                filled = pathlib.Path(scratch) / "filled"
                subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(filled), package], check=True)
                shutil.rmtree(folder, ignore_errors=True)
                filled.rename(folder)
    return folder / "standardwebhooks" / "webhooks.py"


def _verifier(secret: str):
    """Its Webhook class without its client, which needs packages that verify nothing."""
    import importlib.util

    specification = importlib.util.spec_from_file_location("standardwebhooks_webhooks", _library())
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.Webhook(secret)


def new_secret() -> str:
    return "whsec_" + base64.b64encode(random.SystemRandom().randbytes(32)).decode()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # Who asked may have been killed meanwhile.
            super().handle_error(request, client_address)


class WebhookReceiver:
    def __init__(self, secret: str | None = None):
        self.secret = secret or new_secret()
        self.plan: list[tuple[int, dict[str, str]]] = []
        self.always: tuple[int, dict[str, str]] | None = None
        self.drop_after: set[int] = set()  # Numbers of requests that are taken, and answered by nothing.
        self.requests: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.refused: list[str] = []
        self.paths: list[str] = []
        self.stall = threading.Event()  # Set: requests wait.
        self.answers_after = 0.0  # Seconds: a request is taken at once, and answered so much later.
        self.changed = threading.Condition()
        verifier = _verifier(self.secret)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                while receiver.stall.is_set():
                    threading.Event().wait(0.05)
                with receiver.changed:
                    receiver.paths.append(self.path)
                    planned = receiver.plan.pop(0) if receiver.plan else receiver.always
                    if planned is None:
                        try:
                            verifier.verify(body, headers)
                            receiver.requests.append(json.loads(body))
                            receiver.headers.append(headers)
                        except Exception as error:  # The library's own, and what a broken body raises.
                            receiver.refused.append(repr(error))
                    number = len(receiver.requests)
                    receiver.changed.notify_all()
                if planned is None and number in receiver.drop_after:
                    receiver.drop_after.discard(number)
                    self.close_connection = True
                    return
                time.sleep(receiver.answers_after)
                status, more = planned or (204, {})
                try:
                    self.send_response(status)
                    for name, value in more.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except ConnectionError:  # Who asked was killed meanwhile.
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "WebhookReceiver":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self.stall.clear()
        self._server.shutdown()
        self._server.server_close()

    def write_secret(self, path: pathlib.Path) -> pathlib.Path:
        path.write_text(self.secret + "\n")
        return path
