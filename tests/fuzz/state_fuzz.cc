// Any bytes as stored state: a segment of an account, a whole account, the population's counts, a commit
// record. The first byte says as which. Beyond not crashing:
//   - what is refused leaves the state as it was;
//   - what is believed can be written, read again, and written to the same bytes: it converges, so that a
//   checkpoint of a
//     restored state is the state;
//   - memory stays bounded by the bytes read.
#include <string>

#include "base/check.h"
#include "daemon/detection/account.h"
#include "daemon/engine/commit_record.h"
#include "daemon/engine/state_table.h"

namespace {

using namespace tocsin::daemon;  // NOLINT(google-build-using-namespace): a program of one file.

constexpr uint8_t kWholeAccount = 200;
constexpr uint8_t kCommit = 201;
// Decoded state may be larger than its bytes, but not without bound.
constexpr size_t kGrowthMax = 4096;

std::string Whole(const KeyedState& state) {
  std::string bytes;
  EncodeState(state, bytes);
  return bytes;
}

void CheckSegment(KeyedState& state, KeyedState& again, uint8_t segment, std::string_view bytes) {
  const std::string empty = Whole(state);
  if (!state.DecodeSegment(segment, bytes).ok()) {
    CHECK(Whole(state) == empty);
    return;
  }
  CHECK(state.changed() == 0);
  CHECK(state.ByteSize() <= sizeof(Account) + kGrowthMax * (bytes.size() + 32));
  std::string written;
  state.EncodeSegment(segment, written);
  CHECK(again.DecodeSegment(segment, written).ok());
  std::string rewritten;
  again.EncodeSegment(segment, rewritten);
  CHECK(rewritten == written);
}

void CheckAccount(std::string_view bytes) {
  Account account;
  if (!DecodeState(bytes, account).ok()) return;
  const std::string written = Whole(account);
  Account again;
  CHECK(DecodeState(written, again).ok());
  CHECK(again.detection == account.detection);
  CHECK(Whole(again) == written);
}

void CheckCommit(std::string_view bytes) {
  const auto record = DecodeCommitRecord(bytes);
  if (!record) return;
  const auto again = DecodeCommitRecord(Encode(*record));
  CHECK(again.ok() && *again == *record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == kWholeAccount) {
    CheckAccount(bytes);
  } else if (data[0] == kCommit) {
    CheckCommit(bytes);
  } else if (PopulationState::kOpenSegment <= data[0] && data[0] <= PopulationState::kSegment) {
    PopulationState state;
    PopulationState again;
    CheckSegment(state, again, data[0], bytes);
  } else {
    Account state;
    Account again;
    CheckSegment(state, again, data[0], bytes);
  }
  return 0;
}
