"""Serves pages on the loopback interface and has GNU wget crawl them into a WARC file.

The server is an HTTP proxy to wget, so that the archive holds believable URLs of hosts that do not exist (`.example`).
"""

import http.server
import os
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple


class Answer(NamedTuple):
    body: bytes
    content_type: str | None = 'text/html; charset=utf-8'
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False


def _handler(answers: dict[str, Answer]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        server_version = 'samples'
        sys_version = ''

        def do_GET(self) -> None:
            answer = answers.get(self.path, Answer(b'<p>Not a sample.</p>', status=404))
            self.send_response(answer.status)
            if answer.content_type is not None:
                self.send_header('Content-Type', answer.content_type)
            for name, value in answer.headers:
                self.send_header(name, value)
            if not answer.chunked:
                self.send_header('Content-Length', str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                return
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for start in range(0, len(answer.body), 1500):
                piece = answer.body[start : start + 1500]
                self.wfile.write(b'%x\r\n%s\r\n' % (len(piece), piece))
            self.wfile.write(b'0\r\n\r\n')

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def crawl(folder: Path, name: str, urls: list[str], answers: dict[str, Answer], options: tuple[str, ...] = ()) -> Path:
    """Crawls `urls` in their order into `folder/name.warc.gz`: WARC 1.0, one gzip member a record."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f'{name}.txt').write_text(''.join(f'{url}\n' for url in urls))
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), _handler(answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # wget writes its arguments into the archive: relative names keep this machine's paths out, the environment the port.
        command = ['wget', '-nv', '--tries=1', '-O', '/dev/null', f'--warc-file={name}', *options, '-i', f'{name}.txt']
        command[1:1] = ['--header=Accept-Encoding: gzip, deflate, br, zstd', '--user-agent=samples/1.0']
        environment = {**os.environ, 'http_proxy': f'http://127.0.0.1:{server.server_port}/'}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 8):  # 8: a server answered with an error status, which is part of the samples
            raise RuntimeError(f'wget failed on {name} ({done.returncode}): {done.stderr[-2000:]}')
    finally:
        server.shutdown()
    return folder / f'{name}.warc.gz'
