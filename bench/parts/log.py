"""Durable appends to the segment log beside RocksDB used as a log."""

from measuring import Run, add_lines, output_of

ORDER = 20
TARGETS = ("log_bench",)
CASES = {
    "log_1000": ("segment log, 1,000 records a commit", "records"),
    "rocksdb_1000": ("RocksDB as a log, 1,000 records a commit", "records"),
    "log_10000": ("segment log, 10,000 records a commit", "records"),
    "rocksdb_10000": ("RocksDB as a log, 10,000 records a commit", "records"),
}
PEERS = [("log_1000", "rocksdb_1000"), ("log_10000", "rocksdb_10000")]


def records():
    """Records a round."""
    return 50_000 if Run.quick else 200_000


def measure(figures):
    folder = Run.work / "logs"
    folder.mkdir()
    return add_lines(figures, output_of(Run.build / "log_bench", folder, Run.rounds, records()))


def words(_told):
    return [f"""**Log**: `bench/log_bench.cc` appends {records():,} records of 376 bytes a round
  and waits for each commit. The peer is one `WriteBatch` a commit with `sync`, as kind to RocksDB
  as its options allow: no compression, no compaction, no throttling, memtables of 64 MiB. Same
  records, same folder, same promise. Every round begins in an empty folder, so the segment log has
  no recycled segments yet. Checked: every record is read back and compared, and the log's number
  of syncs is the number of commits."""]
