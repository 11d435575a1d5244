// The defences of the commit protocol by name (docs/guarantees.md says what each is against).
//
// A program as shipped has all of them, always: Holds is a constant there and the other branch is not
// compiled in. Only the simulator, which compiles the protocol for itself with TOCSIN_BREAKABLE, can lift
// one, to prove that it would notice.
#pragma once

namespace tocsin::daemon {

enum class Defence {
  kRevokeBarrier,           // 1: a partition goes away only after its open work has ended.
  kMembershipOfAssignment,  // 1: offsets are fenced by the generation of the assignment, never a newer one.
  kUnknownOutcome,          // 2: whether a failed commit happened is read, not guessed.
  kCommitChain,             // 3: commits without a gap, or the partition stops.
  kRenewTainted,            // 4: after an error on the wire the next transaction has a new producer.
  kPoisonInTransaction,     // 5: dead letters are outputs like any other.
  kNoOffsetReset,           // 6: input that is gone stops the partition.
  kPositionWithState,       // 8: a checkpoint is states and position in one step.
  kHighWatermark,           // Restoring reads to the high watermark, not to the last stable offset.
  kTombstoneAge,            // A checkpoint that may have missed a deletion is not used.
  kRecordsBeforeOffsets,    // The offsets of a transaction are added when its records are in the log.
  kCheckpointInChain,       // 3: a checkpoint goes on where its own newest commit is, or nowhere.
  kResumedUnchanged,        // 3: so do states in memory, when nobody has committed since.
  kOffsetsWithinChain,      // 3: offsets beyond the newest commit tell that a newer one was lost.
  kOneHandleForAPartition,  // Who opens a partition's store takes it from whoever had it.
};

#ifdef TOCSIN_BREAKABLE
[[nodiscard]] bool Holds(Defence defence);
#else
[[nodiscard]] constexpr bool Holds(Defence) { return true; }
#endif

}  // namespace tocsin::daemon
