"""PostgreSQL refuses to run as root: how the keeper, started by root, becomes an ordinary user for good."""

from __future__ import annotations

import ctypes
import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from pairway.faults import Fault

# From linux/prctl.h and linux/capability.h; the numbers are part of the kernel's interface and never change.
PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 47, 2
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
CAPABILITY_VERSION_3 = 0x20080522


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


def invoker() -> Account:
    """Who runs this command."""
    return _account(os.geteuid())


def account_for(data: Path, servers: Path) -> Account:
    """Whom the servers run as: oneself; or, for root, who owns the data already, else `nobody`."""
    me = invoker()
    if me.uid != 0:
        return me
    for folder in (servers, data):
        if folder.exists() and (owner := folder.stat().st_uid) != 0:
            return _account(owner)
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise Fault(
            "PostgreSQL does not run as root, and there is no user nobody on this machine to run it as: "
            "run the command as an ordinary user."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def become(account: Account, needed: tuple[Path, ...]) -> None:
    """Gives root up for good, keeping at most the right to pass the folders on the way to what is needed."""
    if os.geteuid() == account.uid:
        return
    closed = [path for path in needed if not _reachable(path, account)]
    os.setgroups([])
    os.setresgid(account.gid, account.gid, account.gid) if hasattr(os, "setresgid") else os.setgid(account.gid)
    if not closed:
        os.setuid(account.uid)
        return
    if not sys.platform.startswith("linux") or not _keep_passage(account):
        raise Fault(
            f"PostgreSQL does not run as root, and {account.name}, whom it would run as, cannot get to "
            f"{closed[0]}: run the command as an ordinary user, or let everyone pass the folders above it."
        )


def stop_with_parent(number: int) -> None:
    """Asks the kernel for a signal when the parent dies (Linux); elsewhere the next start clears up."""
    if sys.platform.startswith("linux"):
        _libc().prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Fault(
            f"PostgreSQL wants its user to have a name, and user id {uid} has none on this machine: "
            "give it one, or set PAIRWAY_DATABASE_URL and PAIRWAY_REDIS_URL to servers of your own."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _reachable(path: Path, account: Account) -> bool:
    """Whether that user may pass all folders above the path, which root can always do."""
    return all(_may_pass(folder.stat(), account) for folder in path.parents if folder.exists())


def _may_pass(found: os.stat_result, account: Account) -> bool:
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _keep_passage(account: Account) -> bool:
    """Becomes that user with one capability left, handed on to children: to pass through folders.

    The other way, opening root's own folders to everyone, would outlast us and be nobody's wish.
    """
    libc = _libc()
    permitted = _permitted()
    wanted = next((cap for cap in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE) if permitted >> cap & 1), None)
    if wanted is None:
        return False
    libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setuid(account.uid)
    bit = 1 << wanted
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    # effective, permitted, inheritable for the low 32 capabilities; then the same for the high ones
    sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    return bool(libc.capset(header, sets) == 0 and libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, wanted, 0, 0) == 0)


def _permitted() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapPrm:"):
            return int(line.split()[1], 16)
    return 0
