"""What a seal hashes, byte by byte. docs/adr/0009-audit-seals.md describes it for whoever wants to check without this code.

Nothing here depends on a session's settings, on the physical order of rows, or on the server that holds them: the same rows
and seals give the same hashes after a dump and restore.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from audit.models import AuditSeal

ROW_FORM = "ops_audit_logs/1"
SEAL_FORM = "ops_audit_seals/1"
# Enough to say which row of a seal is another now; that one is, the whole digest proves.
FINGERPRINT_BYTES = 8
# Columns in the order of the canonical form. Text that jsonb writes is the same for the same value on every server; moments
# are microseconds since 1970 in UTC, as their text would depend on the session's zone.
COLUMNS = {
    "id": "id", "created_at": "(EXTRACT(epoch FROM created_at) * 1000000)::bigint", "transaction": "transaction", "actor_kind": "actor_kind",
    "actor_id": "actor_id", "actor_label": "actor_label", "action_type": "action_type", "entity_type": "entity_type", "entity_id": "entity_id",
    "entity_label": "entity_label", "reason": "reason", "changes": "changes", "request_id": "request_id", "ip": "ip::text",
}  # fmt: skip
CANONICAL = f"jsonb_build_array('{ROW_FORM}', {', '.join(COLUMNS.values())})::text"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def row_hash(canonical: str) -> bytes:
    return sha256(canonical.encode()).digest()


def digest_of(hashes: Sequence[bytes]) -> bytes:
    """Of the rows' hashes, by ascending id."""
    return sha256(b"".join(hashes)).digest()


def fingerprints_of(hashes: Sequence[bytes]) -> bytes:
    return b"".join(one[:FINGERPRINT_BYTES] for one in hashes)


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def head_of(seal: AuditSeal) -> bytes:
    """The seal's hash: over the head before it and everything that the seal says, so over all seals and rows up to it."""
    said = [
        SEAL_FORM, seal.number, bytes(seal.previous or b"").hex(), micros(seal.sealed_at), seal.sealed_by, seal.rows, seal.members, seal.high,
        seal.settled, seal.awaited, sha256(bytes(seal.fingerprints)).hexdigest(), bytes(seal.digest).hex(),
    ]  # fmt: skip
    return sha256(json.dumps(said, separators=(",", ":")).encode()).digest()
