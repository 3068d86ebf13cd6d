"""Celery's broker without a server: a folder in which each message is a file.

kombu's own filesystem transport shows a message to readers before it is written, and takes one by
moving it to the machine's temporary folder. Both matter when processes are killed at any moment, so
here a message appears whole (written aside, renamed) and is taken by the one who removes it.
"""

import os
import uuid
from queue import Empty
from time import time_ns

from kombu.transport import filesystem, virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    # Every process declares the one queue it uses itself; no table has to be shared in files.
    supports_fanout = False
    get_table = virtual.Channel.get_table
    _delete = virtual.Channel._delete

    def _put(self, queue: str, payload: object, **kwargs) -> None:
        name = f"{time_ns():020}_{uuid.uuid4()}.{queue}.msg"
        aside = os.path.join(self.data_folder_out, f"{name}.new")
        with open(aside, "wb") as file:
            file.write(str_to_bytes(dumps(payload)))
        os.replace(aside, aside.removesuffix(".new"))

    def _get(self, queue: str) -> object:
        ending = f".{queue}.msg"
        for name in sorted(os.listdir(self.data_folder_in)):
            if not name.endswith(ending):
                continue
            path = os.path.join(self.data_folder_in, name)
            try:
                with open(path, "rb") as file:
                    message = file.read()
                os.remove(path)  # whoever removes it has it
            except FileNotFoundError:
                continue
            return loads(bytes_to_str(message))
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
    # The queue's state belongs to this process alone.
    global_state = virtual.BrokerState()
