"""A realm of its own for a test: Debian's KDC on a loopback port, principals and keytabs.

Everything lies in one directory; KRB5_CONFIG and its like point there, so that the machine's own
Kerberos is not looked at.
"""

import os
import socket
import subprocess
from pathlib import Path

from tests.requirements import require_module, require_tool

REALM = "VOLT.TEST"
SERVICE = f"volt/server@{REALM}"
ALICE = f"alice@{REALM}"
PASSWORD = "a password of the test"
ATTEMPTS = 5


def require_kdc() -> None:
    """Skip where there is no KDC, no kinit or no gssapi."""
    for tool in ("krb5kdc", "kdb5_util", "kadmin.local", "kinit", "klist"):
        require_tool(tool)
    require_module("gssapi")


class Kdc:
    """Runs from `start` to `stop`. `environment` is what a process in the realm needs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environment = {
            "KRB5_CONFIG": str(directory / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(directory / "kdc.conf"),
            "KRB5CCNAME": f"FILE:{directory / 'tickets'}",
            "KRB5_KTNAME": f"FILE:{directory / 'server.keytab'}",
            "KRB5RCACHEDIR": str(directory),
            "KRB5RCACHENAME": "none:",
        }
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> "Kdc":
        """Make the realm and run its KDC. Another program may take the port before: then once more."""
        for _ in range(ATTEMPTS):
            self._configure(_free_port())
            if not (self.directory / "principal").exists():
                self._run("kdb5_util", "create", "-s", "-r", REALM, "-P", PASSWORD)
            if self._serve():
                return self
        raise AssertionError("the KDC does not start")

    def stop(self) -> None:
        """End the KDC."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=30)
            self._process = None

    def add(self, principal: str) -> None:
        """A principal that logs in with PASSWORD."""
        self._admin(f'addprinc -pw "{PASSWORD}" {principal}')

    def add_service(self, principal: str) -> None:
        """A service, with its key in the server's keytab."""
        self._admin(f"addprinc -randkey {principal}")
        self._admin(f"ktadd -k {self.directory / 'server.keytab'} {principal}")

    def change_key(self, principal: str) -> None:
        """A new key that is in no keytab."""
        self._admin(f"cpw -randkey {principal}")

    def kinit(self, principal: str, *options: str) -> None:
        """Get a ticket with PASSWORD."""
        self._run("kinit", *options, principal, input=PASSWORD + "\n")

    def kdestroy(self) -> None:
        """Forget all tickets."""
        (self.directory / "tickets").unlink(missing_ok=True)

    def until_expired(self) -> None:
        """Wait until no ticket is valid any more, for which klist has a status."""
        environment = {**os.environ, **self.environment}
        while subprocess.run([require_tool("klist"), "-s"], env=environment, check=False).returncode == 0:
            pass

    def _admin(self, command: str) -> None:
        self._run("kadmin.local", "-r", REALM, "-q", command)

    def _run(self, tool: str, *arguments: str, input: str | None = None) -> None:
        done = subprocess.run(
            [require_tool(tool), *arguments],
            env={**os.environ, **self.environment},
            input=input,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _serve(self) -> bool:
        """Whether the KDC runs: it says so when it listens."""
        command = [require_tool("krb5kdc"), "-n", "-r", REALM]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if "commencing operation" in line:
                return True
        self.stop()
        return False

    def _configure(self, port: int) -> None:
        (self.directory / "krb5.conf").write_text(
            f"""[libdefaults]
    default_realm = {REALM}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    {REALM} = {{
        kdc = 127.0.0.1:{port}
    }}
"""
        )
        (self.directory / "kdc.conf").write_text(
            f"""[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {REALM} = {{
        database_name = {self.directory / "principal"}
        acl_file = {self.directory / "kadm5.acl"}
        key_stash_file = {self.directory / "stash"}
        max_renewable_life = 7d
    }}
[logging]
    kdc = STDERR
"""
        )


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
