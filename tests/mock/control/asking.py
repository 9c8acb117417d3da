"""A client of the control: urllib, and plain sockets for what is no HTTP."""

import json
import socket
import urllib.error
import urllib.request


def ask(server, method, path, body=None, **headers):
    """The status and the JSON of an answer."""
    status, _, data = ask_raw(server, method, path, body, **headers)
    return status, json.loads(data)


def ask_raw(server, method, path, body=None, **headers):
    """The status, the headers and the bytes of an answer."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(server.control_url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def say(server, data):
    """What comes back for bytes, until the end."""
    host, _, port = server.control_url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(data)
        found = b""
        while piece := connection.recv(65536):
            found += piece
    return found
