# SPDX-License-Identifier: MIT
"""A way to a server that can be cut at the worst instant: a request has gone through, and its answer
never comes back."""

import os
import socket
import threading


class Cutter:
    """Listens on a port of the loopback interface and forwards to a server's socket file."""

    def __init__(self, socket_path):
        self.socket_path = socket_path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.wanted = 0  # how many connections are still to be cut
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next(self, count):
        """Cuts the next so many connections that send something."""
        with self.lock:
            self.wanted = count

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _takes_cut(self):
        with self.lock:
            if self.wanted == 0:
                return False
            self.wanted -= 1
            self.cuts += 1
            return True

    def _serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.socket_path)
        except OSError:
            client.close()
            return
        answers = threading.Thread(target=self._forward, args=(server, client), daemon=True)
        answers.start()
        try:
            while data := client.recv(1 << 16):
                cut = self._takes_cut()
                if cut:
                    # Whatever the server says to this is lost.
                    client.shutdown(socket.SHUT_RDWR)
                server.sendall(data)
                if cut:
                    break
        except OSError:
            pass
        # The server has all of it, and ends by itself.
        self._half_close(server)
        client.close()
        answers.join()
        server.close()

    @staticmethod
    def _half_close(end):
        try:
            end.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    @staticmethod
    def _forward(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
        except OSError:
            pass
        # What is not wanted any more must not hold the server up.
        try:
            while source.recv(1 << 16):
                pass
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def socket_of(cluster):
    return os.path.join(cluster.folder, ".s.PGSQL.5432")
