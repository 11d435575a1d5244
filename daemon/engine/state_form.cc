#include "daemon/engine/state_form.h"

#include <memory>
#include <optional>

namespace tocsin::daemon {

Error WrittenByALaterVersion(std::string_view where, const std::string& what) {
  return {
      ErrorCode::kConflict, std::string(where),
      "written by a later version of Tocsin (" + what +
          "): run that one again, nothing is lost; docs/operations.md, Upgrade and roll back, has the rest"};
}

Result<Done> CheckStateForm(const CommitRecord& record, uint64_t known, std::string_view where) {
  if (record.state_form <= known) return Done{};
  return WrittenByALaterVersion(where, "states in form " + std::to_string(record.state_form) +
                                           ", this version reads up to form " + std::to_string(known));
}

Result<Done> CheckStateForms(StateStore& store, uint64_t known) {
  for (const std::string& name : store.Partitions()) {
    Result<std::unique_ptr<PartitionStore>> partition = store.OpenPartition(name);
    if (!partition) return partition.error();
    const Result<std::optional<CheckpointMark>> mark = (*partition)->ReadMark();
    if (!mark && mark.error().code != ErrorCode::kCorrupt) return mark.error();
    if (!mark || !*mark) continue;
    const Result<CommitRecord> record = DecodeCommitRecord((*mark)->commit_record);
    if (!record && record.error().code == ErrorCode::kConflict) return record.error();
    if (!record) continue;
    if (Result<Done> readable = CheckStateForm(*record, known, "state directory, " + name); !readable)
      return readable;
  }
  return Done{};
}

}  // namespace tocsin::daemon
