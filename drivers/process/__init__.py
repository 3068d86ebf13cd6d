"""The process target: virtual environments made with uv and supervised processes, no engine needed.

It trusts its users: what they deploy runs as the studio's own account, on its machine. CPU limits set
the number of threads of numeric libraries; memory limits are enforced by the keeper.
"""

from drivers.process.driver import ProcessDriver

__all__ = ["ProcessDriver"]
